import { expect, test } from "vitest";
import { initialsOf } from "../../src/components/indicators/avatar.tsx";

test.each([
  ["alice", "Al"],
  ["ada.lovelace", "AL"],
  ["Grace Hopper", "GH"],
  ["x", "X"],
  ["élodie-b", "ÉB"],
  ["иван.петров", "ИП"],
  ["李明", "李"],
  ["ليلى", "ل"],
  ["_.-", "?"],
  ["", "?"],
  ["𝒜lpha", "𝒜"],
])("%s has the initials %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
