import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { AvailabilityProbe } from "../src/deploy/availability-probe.ts";

test("the probe goes on after a connection that is closed without an answer", async () => {
  let connections = 0;
  const { promise: wentOn, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
    connections += 1;
    if (connections > 1) resolve();
    socket.end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const probe = new AvailabilityProbe((server.address() as AddressInfo).port);
  await wentOn;
  expect(await probe.stop()).toBe(0);
});
