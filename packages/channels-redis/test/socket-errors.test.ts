import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openRedis } from "../src/connection/redis-host.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const alert = (code: number) => Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, code]);

/** What a server, or something between, does instead of a TLS handshake. */
const ANSWERS: readonly (readonly [string, (socket: Socket) => void])[] = [
  ["nothing, and closes", (socket) => socket.end()],
  ["a reset", (socket) => socket.resetAndDestroy()],
  ["one alert", (socket) => socket.end(alert(40))],
  ["an alert for an unknown authority", (socket) => socket.end(alert(48))],
  ["an alert for a missing certificate", (socket) => socket.end(alert(116))],
  ["ten alerts at once", (socket) => socket.end(Buffer.concat(Array.from({ length: 10 }, () => alert(42))))],
  [
    "alerts one after another, then a reset",
    (socket) => {
      for (let i = 0; i < 5; i += 1) setTimeout(() => socket.destroyed || socket.write(alert(46)), i);
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
  ],
  ["text", (socket) => socket.end("-ERR this is no TLS\r\n")],
  ["random bytes", (socket) => socket.end(Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 73) % 256)))],
  ["half a record", (socket) => socket.end(Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00, 0x02, 0x00]))],
];

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => onConnection(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("an error of a TLS socket to Redis, whenever it comes, does not end the process", () => {
  it.each(ANSWERS)("after %s", async (_, answer) => {
    const port = await serve(answer);
    const redis = openRedis({ url: `rediss://127.0.0.1:${port}`, tls: { rejectUnauthorized: true } });
    closers.push(() => redis.disconnect());
    // It fails, as it should.
    redis.connect().catch(() => undefined);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      // `once` of Node would reject with the error before it.
      await new Promise((resolve) => redis.once("close", resolve));
      // A late error: without a listener, `emit` would throw as it does inside of Node.
      for (let late = 0; late < 3; late += 1) redis.stream.emit("error", new Error(`late error ${late}`));
    }
  });

  it("while a connection is being made, or given up", async () => {
    const port = await serve(() => {});
    const redis = openRedis({ url: `rediss://127.0.0.1:${port}`, tls: {} });
    // It fails, as it should.
    redis.connect().catch(() => undefined);
    while (redis.stream === undefined) await new Promise((resolve) => setImmediate(resolve));
    const { stream } = redis;
    for (let late = 0; late < 3; late += 1) stream.emit("error", new Error(`error ${late} while connecting`));
    redis.disconnect();
    for (let late = 0; late < 3; late += 1) stream.emit("error", new Error(`error ${late} while closing`));
    expect(stream.listenerCount("error")).toBeGreaterThan(0);
    stream.destroy();
  });
});
