import { ClientError, CommandError, createClient } from "@multichat/channels-client";
import { expect, test } from "vitest";
import { WebSocket as WsWebSocket } from "ws";
import { type chat, serveChat, World } from "./support/chat.ts";
import { Network } from "./support/network.ts";

const CLIENTS = 4;
/** More with CLIENT_TEST_CUTS=2000, which takes half a minute. */
const CUTS = Number(process.env.CLIENT_TEST_CUTS ?? 200);
/** From within the handshake to after some dozen commands. */
const MAX_BYTES_TO_CUT = 4_000;
const CALLS_AT_A_TIME = 6;
/** How often the server drains and another one takes over. */
const DRAINS = 4;

/** A generator of numbers from 0 to 1 (mulberry32), so that a run can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test(`over ${CUTS} cuts and ${DRAINS} drains every call settles once, none with a key runs twice, and nothing is missed in a room`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomFrom(seed);
  const world = new World();
  let live = await serveChat(world);
  await using network = await Network.open(live.port);
  network.cutAfterBytes = () => Math.floor(random() * MAX_BYTES_TO_CUT);
  const outcomes = { replied: 0, lost: 0, aborted: 0, late: 0, refused: 0 };
  let settled = 0;
  let called = 0;
  const posted = new Set<string>();
  const outOfOrder: [number, number][] = [];
  const logs: string[][] = [];
  const gaps: [number, number][] = [];
  let running = CLIENTS;

  const drains: Promise<void>[] = [];
  const drain = async (): Promise<void> => {
    const predecessor = live;
    live = await serveChat(world);
    network.target = live.port;
    await predecessor.server.drain({ withinMs: 600_000, closeAfterMs: 600_000, reconnectSpreadMs: 0 });
    await predecessor.close();
  };

  const runClient = async (name: string): Promise<void> => {
    const client = createClient<typeof chat>({
      url: network.url,
      token: () => name,
      repeatable: { "message.send": "key", "user.get": true },
      backoff: { baseMs: 1, maxMs: 4, stableAfterMs: 1 },
      timeoutMs: 600_000,
      WebSocket: WsWebSocket,
    });
    let lastN = 0;
    client.on("message.posted", ({ n }) => {
      if (n <= lastN) outOfOrder.push([lastN, n]);
      lastN = n;
    });
    // A room whose messages are resumed from the last one.
    const log: string[] = [];
    logs.push(log);
    client.subscribe("room.join", () => ({ room: "log", since: log.length }), {
      onReply: ({ missed }) => log.push(...missed),
      on: {
        "room.posted": ({ seq, text }) => {
          if (seq > log.length + 1) gaps.push([log.length, seq]);
          if (seq === log.length + 1) log.push(text);
        },
      },
    });
    const runCalls = async (worker: number): Promise<void> => {
      for (let i = 0; network.cuts < CUTS; i += 1) {
        called += 1;
        if (network.cuts > (CUTS / (DRAINS + 1)) * (drains.length + 1)) drains.push(drain());
        const kind = random();
        const text = `${name} ${worker} ${i}`;
        try {
          if (kind < 0.2) {
            await client.call("room.send", { room: "log", text });
          } else if (kind < 0.6) {
            await client.call("message.send", { text });
            posted.add(text);
          } else if (kind < 0.7) {
            expect(await client.call("user.get")).toEqual({ name });
          } else if (kind < 0.8) {
            expect(await client.call("echo", { text })).toEqual({ text });
          } else if (kind < 0.85) {
            await client.call("fail");
          } else if (kind < 0.9) {
            await client.call("message.send", { text }, { timeoutMs: 1 });
          } else {
            const stop = new AbortController();
            setTimeout(() => stop.abort(), random() * 4);
            await client.call("message.send", { text }, { signal: stop.signal });
          }
          outcomes.replied += 1;
        } catch (error) {
          if (error instanceof ClientError && error.code === "CONNECTION_LOST") outcomes.lost += 1;
          else if (error instanceof ClientError && error.code === "TIMEOUT") outcomes.late += 1;
          else if (error instanceof CommandError && error.code === "ROOM_FULL") outcomes.refused += 1;
          else if (error instanceof DOMException && error.name === "AbortError") outcomes.aborted += 1;
          else throw error;
        }
        settled += 1;
      }
    };
    await Promise.all(Array.from({ length: CALLS_AT_A_TIME }, (_, worker) => runCalls(worker)));
    // From here on the network is good.
    network.cutAfterBytes = () => Number.POSITIVE_INFINITY;
    network.cut();
    running -= 1;
    await expect.poll(() => running === 0 && log.length === world.rooms.get("log")?.length).toBe(true);
    client.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => runClient(`user${index}`)));
  await Promise.all(drains);
  await live.close();

  const twice = [...world.posts].filter(([, count]) => count !== 1);
  const missing = [...posted].filter((text) => !world.posts.has(text));
  expect({ seed, twice, missing, outOfOrder }).toEqual({ seed, twice: [], missing: [], outOfOrder: [] });
  expect(gaps).toEqual([]);
  for (const log of logs) expect(log).toEqual(world.rooms.get("log"));
  expect(settled).toBe(called);
  // Premises: every outcome was among them, and commands were sent again.
  expect(Object.values(outcomes).every((count) => count > 0)).toBe(true);
  expect(world.connections).toBeGreaterThan(CUTS / 4);
  expect(drains).toHaveLength(DRAINS);
});
