import { expect, test } from "vitest";
import { bindOperations, OPERATIONS, runOperation } from "../../src/store/operations.ts";

test("passes each call on with its kind, its name and its argument", async () => {
  const calls: unknown[][] = [];
  const operations = bindOperations(async (...call) => {
    calls.push(call);
  });
  await operations.settings.get();
  await operations.members.list({ room: "general", limit: 10 });
  await operations.members.add({ room: "general", user: { id: "b", username: "bob" }, role: "member", by: null });
  await operations.search.find({ terms: [], rooms: [], limit: 1, viewer: "b" });
  expect(calls).toEqual([
    ["read", "settings.get", undefined],
    ["read", "members.list", { room: "general", limit: 10 }],
    ["write", "members.add", { room: "general", user: { id: "b", username: "bob" }, role: "member", by: null }],
    ["search", "search.find", { terms: [], rooms: [], limit: 1, viewer: "b" }],
  ]);
});

test("binds every operation of the table", () => {
  const operations = bindOperations(async () => undefined);
  const namesOf = (table: object) =>
    Object.entries(table).flatMap(([noun, names]) => Object.keys(names).map((name) => `${noun}.${name}`));
  expect(namesOf(operations)).toEqual(namesOf(OPERATIONS));
});

test.each([
  ["an operation of another kind", "messages.append"],
  ["an operation that does not exist", "messages.missing"],
  ["a property of every object", "messages.constructor"],
])("rejects %s", (_, name) => {
  expect(() => runOperation(["read", "search"], {}, name, {})).toThrow(
    `expected an operation of kind read or search, got ${name}`,
  );
});
