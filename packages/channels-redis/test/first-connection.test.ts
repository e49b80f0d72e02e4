import { setImmediate, setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { FirstConnection } from "../src/connection/first-connection.ts";

test("time in which the event loop was blocked does not count as the server's", async () => {
  const connection = new FirstConnection(100);
  const end = performance.now() + 150;
  while (performance.now() < end);
  // The timers that are due run before this one.
  await setTimeout(1);
  expect(await Promise.race([connection.wait(), setImmediate("waiting")])).toBe("waiting");
  expect(connection.succeed()).toEqual({ isLate: false });
  await connection.wait();
});

test("without an answer in time it fails with the reason, and a later one is late", async () => {
  const connection = new FirstConnection(20);
  connection.reportError(new Error("connect ECONNREFUSED"));
  await expect(connection.wait()).rejects.toThrow("Redis did not answer within 20 ms: connect ECONNREFUSED");
  expect(connection.succeed()).toEqual({ isLate: true });
  await connection.wait();
});
