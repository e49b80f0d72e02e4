import { expect, test } from "vitest";
import { InFlightLimit } from "../../src/consumers/chat/in-flight-limit.ts";

test("below the bound the next comes at once; at the bound it waits for the first that ends", async () => {
  const inFlight = new InFlightLimit(2);
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  expect(inFlight.begin(first.promise)).toBeUndefined();
  const waiting = inFlight.begin(second.promise);
  expect(waiting).toBeInstanceOf(Promise);
  const order: string[] = [];
  const waited = waiting?.then(() => order.push("next"));
  order.push("second ends");
  second.resolve();
  await waited;
  expect(order).toEqual(["second ends", "next"]);
  first.resolve();
  await first.promise;
});

test("there is room again after everything has ended", async () => {
  const inFlight = new InFlightLimit(2);
  for (let round = 0; round < 3; round += 1) {
    const done = Promise.resolve();
    expect(inFlight.begin(done)).toBeUndefined();
    await inFlight.begin(done);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
});
