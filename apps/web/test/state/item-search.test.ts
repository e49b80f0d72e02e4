import { expect, test } from "vitest";
import { matchesQuery, sortByRelevance } from "../../src/state/item-search.ts";

const room = { key: "room-12", name: "Café on the Square" };

test.each(["", "cafe", "SQUARE café", "12", "#12", "@caf"])("finds the room by %j", (query) => {
  expect(matchesQuery(room, query)).toBe(true);
});

test.each(["cafes", "1", "square x", "@square z"])("does not find the room by %j", (query) => {
  expect(matchesQuery(room, query)).toBe(false);
});

test.each([
  ["lodz", "Łódź"],
  ["smorrebrod", "Smørrebrød"],
  ["aero", "Ærø"],
  ["strasse", "Straße"],
  ["Straße", "STRASSE"],
  ["da nang", "Đà Nẵng"],
  ["isik", "Işık"],
  ["thor", "Þór"],
  ["hawaii", "Hawaiʻi"],
  ["don't", "don’t"],
  ["dont", "don’t panic"],
  ["soft", "so\u00adft"],
  ["كتاب", "کتاب"],
  ["می\u200cخواهم", "میخواهم"],
  ["2026", "٢٠٢٦"],
  ["好世", "你好世界"],
  ["c++", "C++ talk"],
  ["r&d", "R&D budget"],
  ["🎉", "🎉 party"],
])("folds the query %j as the search of messages does, and finds %j", (query, name) => {
  expect(matchesQuery({ key: "room-1", name }, query)).toBe(true);
});

test.each([
  ["किमल", "कमल"],
  ["रम", "राम"],
  ["c++", "cats"],
  ["r&d", "rod"],
  ["th", "cat hat"],
  ["मल", "मूल"],
])("does not find by %j the other word %j", (query, name) => {
  expect(matchesQuery({ key: "room-1", name }, query)).toBe(false);
});

test("moves names that begin with the query to the front, and keeps the order of the rest", () => {
  const items = [{ name: "zoltan" }, { name: "Solo" }, { name: "Olek" }];
  expect(sortByRelevance(items, "@ol").map(({ name }) => name)).toEqual(["Olek", "zoltan", "Solo"]);
  expect(sortByRelevance(items, " ")).toBe(items);
  expect(sortByRelevance([{ name: "my lodz" }, { name: "Łódź" }], "lo")[0]?.name).toBe("Łódź");
});
