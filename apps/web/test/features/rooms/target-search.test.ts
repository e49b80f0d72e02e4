import { expect, test } from "vitest";
import { matchesQuery, sortByRelevance } from "../../../src/features/rooms/target-search.ts";

const room = { key: "room-12", name: "Café on the Square" };

test.each(["", "cafe", "SQUARE café", "12", "#12", "@caf"])("%j leads to the room", (asked) => {
  expect(matchesQuery(room, asked)).toBe(true);
});

test.each(["cafes", "1", "square x", "@square z"])("%j does not", (asked) => {
  expect(matchesQuery(room, asked)).toBe(false);
});

test("what begins as asked comes first, and the rest stays in its order", () => {
  const found = [{ name: "zoltan" }, { name: "Solo" }, { name: "Olek" }];
  expect(sortByRelevance(found, "@ol").map(({ name }) => name)).toEqual(["Olek", "zoltan", "Solo"]);
  expect(sortByRelevance(found, " ")).toBe(found);
});
