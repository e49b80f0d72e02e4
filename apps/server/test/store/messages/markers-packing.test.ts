import fc from "fast-check";
import { expect, test } from "vitest";
import { markersPacking } from "../../../src/store/markers/markers-packing.ts";
import type { CountedState } from "../../../src/store/store.ts";

const count = fc.integer({ min: 0, max: 100 });
const states: fc.Arbitrary<ReadonlyMap<string, CountedState>> = fc
  .array(
    fc.tuple(
      fc.string(),
      fc.record({
        lastSeq: fc.nat(),
        state: fc.record({
          role: fc.constantFrom(null, "member" as const, "moderator" as const, "owner" as const),
          mutedUntil: fc.option(fc.integer({ min: 0, max: 253_402_300_799_999 })),
          readSeq: fc.nat(),
          unread: count,
          mentions: count,
        }),
      }),
    ),
    { maxLength: 50 },
  )
  .map((entries) => new Map(entries));

test("the states of rooms are the same on the other side", () => {
  fc.assert(
    fc.property(states, fc.nat({ max: 3 }), (before, at) => {
      const packed = structuredClone(markersPacking.packResult(before));
      const values = [...Array(at).fill("before"), ...(packed ?? []), "after"];
      expect(packed).toHaveLength(markersPacking.resultSize);
      expect(markersPacking.unpackResult(values, at)).toEqual(before);
    }),
  );
});

test("the query is the same on the other side", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (user, rooms) => {
      const packed = structuredClone(markersPacking.packArgs({ user, rooms }));
      expect(packed).toHaveLength(markersPacking.argsSize);
      expect(markersPacking.unpackArgs(["before", ...packed], 1)).toEqual({ user, rooms });
    }),
  );
});
