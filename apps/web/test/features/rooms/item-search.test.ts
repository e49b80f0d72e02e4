import { expect, test } from "vitest";
import { matchesQuery, sortByRelevance } from "../../../src/features/rooms/item-search.ts";

const room = { key: "room-12", name: "Café on the Square" };

test.each(["", "cafe", "SQUARE café", "12", "#12", "@caf"])("finds the room by %j", (query) => {
  expect(matchesQuery(room, query)).toBe(true);
});

test.each(["cafes", "1", "square x", "@square z"])("does not find the room by %j", (query) => {
  expect(matchesQuery(room, query)).toBe(false);
});

test("moves names that begin with the query to the front, and keeps the order of the rest", () => {
  const items = [{ name: "zoltan" }, { name: "Solo" }, { name: "Olek" }];
  expect(sortByRelevance(items, "@ol").map(({ name }) => name)).toEqual(["Olek", "zoltan", "Solo"]);
  expect(sortByRelevance(items, " ")).toBe(items);
});
