import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedQueue } from "../../src/consumer/runner/bounded-queue.ts";

describe("a bounded queue", () => {
  it("returns items in the order in which they were added, for any sequence of calls", () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant("push" as const) },
      { weight: 2, arbitrary: fc.constant("shift" as const) },
      { weight: 1, arbitrary: fc.constant("clear" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (steps, limit) => {
        const queue = new BoundedQueue<number>(limit);
        let model: number[] = [];
        for (const [index, name] of steps.entries()) {
          if (name === "push") {
            queue.push(index);
            model.push(index);
          } else if (name === "shift") {
            expect(queue.shift()).toBe(model.shift());
          } else {
            queue.clear();
            model = [];
          }
          expect(queue.size).toBe(model.length);
          expect(queue.isFull).toBe(model.length >= limit);
        }
      }),
    );
  });
});
