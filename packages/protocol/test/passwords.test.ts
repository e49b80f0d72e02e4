import fc from "fast-check";
import { expect, test } from "vitest";
import { findPasswordWeakness } from "../src/passwords/index.ts";

const OWNER = { username: "magnolia", email: "wonder@example.org" };
const BREACHED = new Set(["dragon", "letmein", "passw0rd"]);

test.each([
  ["Magnolia1", "username"],
  ["ailongam", "username"],
  ["wonder99", "username"],
  ["multichat!", "product"],
  ["abababab", "repetition"],
  ["87654321", "repetition"],
  ["Dragon!", "breached"],
  ["dr4g0n99", "breached"],
  ["letmeinletmein", "breached"],
  ["ＰＡＳＳＷ０ＲＤ", "breached"],
  ["tulip 94 sea", undefined],
] as const)("%s: %s", (password, weakness) => {
  expect(findPasswordWeakness(password, OWNER, BREACHED)).toBe(weakness);
});

test("without a list, only the other rules apply", () => {
  expect(findPasswordWeakness("dragon99", OWNER, new Set())).toBeUndefined();
  expect(findPasswordWeakness("abababab", OWNER, new Set())).toBe("repetition");
});

test("a word of the list is found with digits and signs around it, in any case, and backwards", () => {
  const affix = fc.string({ unit: fc.constantFrom(..."0123456789-_.?#"), maxLength: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom("dragon", "letmein"),
      affix,
      fc.boolean(),
      fc.boolean(),
      (word, around, upper, back) => {
        const cased = upper ? word.toUpperCase() : word;
        const spelled = back ? [...cased].reverse().join("") : cased;
        expect(findPasswordWeakness(spelled + around, OWNER, BREACHED)).toBe("breached");
        expect(findPasswordWeakness(around + spelled, OWNER, BREACHED)).toBe("breached");
      },
    ),
  );
});
