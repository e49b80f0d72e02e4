import type { Message, SearchHit } from "@multichat/protocol";
import { expect, test } from "vitest";
import { groupByRoom } from "../../../src/features/search/group-by-room.ts";

const found = (room: string, id: string): SearchHit => ({
  message: { id } as Message,
  room: { id: room, number: 1, title: room },
});

test("what was found one after the other in a room stands together, and the order stays", () => {
  const all = [found("a", "5"), found("a", "4"), found("b", "3"), found("a", "2")];
  const groups = groupByRoom(all);
  expect(groups.map((group) => group.room.id)).toEqual(["a", "b", "a"]);
  expect(groups.flatMap((group) => group.results)).toEqual(all);
  expect(groupByRoom([])).toEqual([]);
});
