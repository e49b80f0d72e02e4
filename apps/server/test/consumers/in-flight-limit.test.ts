import { expect, test } from "vitest";
import { InFlightLimit } from "../../src/consumers/chat/in-flight-limit.ts";

test("lets the next operation start below the limit, and waits for one to end at the limit", async () => {
  const limit = new InFlightLimit(2);
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  expect(limit.add(first.promise)).toBeUndefined();
  const blocked = limit.add(second.promise);
  expect(blocked).toBeInstanceOf(Promise);
  const order: string[] = [];
  const unblocked = blocked?.then(() => order.push("next"));
  order.push("second ends");
  second.resolve();
  await unblocked;
  expect(order).toEqual(["second ends", "next"]);
  first.resolve();
  await first.promise;
});

test("has free capacity again after every operation has ended", async () => {
  const limit = new InFlightLimit(2);
  for (let round = 0; round < 3; round += 1) {
    const done = Promise.resolve();
    expect(limit.add(done)).toBeUndefined();
    await limit.add(done);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
});
