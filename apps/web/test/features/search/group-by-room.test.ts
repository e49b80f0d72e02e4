import type { Message, SearchHit } from "@multichat/protocol";
import { expect, test } from "vitest";
import { groupByRoom } from "../../../src/features/search/group-by-room.ts";

const hit = (room: string, id: string): SearchHit => ({
  message: { id } as Message,
  room: { id: room, number: 1, title: room },
});

test("groups consecutive results of a room and keeps their order", () => {
  const all = [hit("a", "5"), hit("a", "4"), hit("b", "3"), hit("a", "2")];
  const groups = groupByRoom(all);
  expect(groups.map((group) => group.room.id)).toEqual(["a", "b", "a"]);
  expect(groups.flatMap((group) => group.results)).toEqual(all);
  expect(groupByRoom([])).toEqual([]);
});
