import { SUBPROTOCOL } from "@multichat/channels/protocol";
import {
  type ClientOptions,
  type CloseReason,
  type ConnectionState,
  createClient,
  getReconnectPolicy,
} from "@multichat/channels-client";
import { describe, expect, test } from "vitest";
import { WebSocket as WsWebSocket } from "ws";
import { fullJitter } from "../src/core/backoff.ts";
import { type chat, serveChat } from "./support/chat.ts";
import { type ChatClient, disconnect, SHORT_BACKOFF, untilPhase, useFixture } from "./support/fixture.ts";

const fixture = useFixture();

function untilDraining(client: ChatClient): Promise<void> {
  return new Promise((resolve) => {
    // No event of the protocol.
    (client as unknown as { on(event: string, listener: () => void): void }).on("server.draining", resolve);
  });
}

describe("a lost connection", () => {
  test("is opened again, and the states say so", async () => {
    const client = fixture.open();
    const states = fixture.record(client);
    await untilPhase(client, "open");
    const before = Date.now();
    fixture.network.cut();
    await expect.poll(() => states.filter(({ phase }) => phase === "open")).toHaveLength(2);
    const waiting = states.find((state) => state.phase === "waiting");
    expect(waiting).toMatchObject({ reason: "lost", code: 1006, attempt: 1 });
    expect(waiting?.until).toBeGreaterThanOrEqual(before);
    expect(states.at(-1)).toEqual({ phase: "open" });
  });

  test("is opened again until the server can be reached", async () => {
    const client = fixture.open({ backoff: { baseMs: 1, maxMs: 2, stableAfterMs: 60_000 } });
    await untilPhase(client, "open");
    const { target } = fixture.network;
    fixture.network.target = 1;
    const states = fixture.record(client);
    fixture.network.cut();
    await expect.poll(() => states).toContainEqual(expect.objectContaining({ phase: "waiting", attempt: 4 }));
    expect(states).toContainEqual(expect.objectContaining({ phase: "waiting", reason: "unreachable" }));
    fixture.network.target = target;
    await untilPhase(client, "open");
  });

  test("connect() ends the wait", async () => {
    const client = fixture.open({ backoff: { baseMs: 1_000_000_000, maxMs: 1_000_000_000, stableAfterMs: 1 } });
    await untilPhase(client, "open");
    fixture.network.cut();
    await untilPhase(client, "waiting");
    client.connect();
    await untilPhase(client, "open");
  });

  test("works with the WebSocket of ws, too", async () => {
    const client = fixture.open({ WebSocket: WsWebSocket, token: () => "alice" });
    expect(await client.call("user.get")).toEqual({ name: "alice" });
    fixture.network.cut();
    expect(await client.call("user.get", {}, { repeat: true })).toEqual({ name: "alice" });
  });
});

describe("a close code", () => {
  test.each([1000, 1003, 1007, 1010, 3000, 3003, 4200, 4299])("%i ends the client until connect()", async (code) => {
    const client = fixture.open();
    await untilPhase(client, "open");
    const call = client.call("wait", { for: "end" });
    disconnect(client, code);
    await expect(call).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(await untilPhase(client, "closed")).toEqual({
      phase: "closed",
      reason: { kind: "server", code, text: "as requested" },
    });
    await expect(client.call("echo", { text: "x" })).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    client.connect();
    expect(await client.call("echo", { text: "x" })).toEqual({ text: "x" });
  });

  test.each([1001, 1002, 1008, 1011, 1012, 1013, 3001, 4100, 4199, 4300, 4999])(
    "%i is followed by another attempt after a delay",
    async (code) => {
      const client = fixture.open();
      const states = fixture.record(client);
      disconnect(client, code);
      await expect
        .poll(() => states)
        .toContainEqual(expect.objectContaining({ phase: "waiting", reason: "lost", code }));
      await untilPhase(client, "open");
    },
  );

  test("from 4000 to 4099 is followed by another attempt at once, if the connection held", async () => {
    for (const [stableAfterMs, waits] of [
      [1, false],
      [60_000, true],
    ] as const) {
      const client = fixture.open({ backoff: { baseMs: 1, maxMs: 1, stableAfterMs } });
      await client.call("sleep.inTurn", { ms: 5 });
      const states = fixture.record(client);
      disconnect(client, 4007);
      await expect.poll(() => states.length).toBeGreaterThan(2);
      await untilPhase(client, "open");
      expect(states.some(({ phase }) => phase === "waiting")).toBe(waits);
    }
  });

  test("means what the application says, where it says something", async () => {
    const client = fixture.open({ reconnectPolicy: (code) => (code === 4150 ? "never" : undefined) });
    disconnect(client, 4150);
    expect(await untilPhase(client, "closed")).toMatchObject({ reason: { code: 4150 } });
    expect(getReconnectPolicy(4150)).toBe("backoff");
  });
});

describe("an application that closes the client when asked what follows", () => {
  test.each<[string, ClientOptions<typeof chat>["reconnectPolicy"]]>([
    ["a close code", undefined],
    ["a close code, and says so", () => "immediate"],
  ])("%s: it stays closed", async (_name, answer) => {
    const client = fixture.open({
      reconnectPolicy(code) {
        client.close();
        return answer?.(code);
      },
    });
    const states = fixture.record(client);
    disconnect(client, 4100);
    await untilPhase(client, "closed");
    // Another one over the same network: what the first one sends leaves before it.
    expect(await fixture.open().call("echo", { text: "x" })).toEqual({ text: "x" });
    expect(states.at(-1)).toEqual({ phase: "closed", reason: { kind: "client" } });
    expect(client.connection.get()).toEqual({ phase: "closed", reason: { kind: "client" } });
  });
});

describe("an application that closes the client when a subscription waits again", () => {
  /** Closes the client there, and returns its state when what it did has returned. */
  async function closeOnInterruption(client: ChatClient, interrupt: () => void): Promise<ConnectionState> {
    const subscription = client.subscribe("room.join", { room: "closing" });
    await subscription.ready;
    const { promise, resolve } = Promise.withResolvers<void>();
    subscription.state.subscribe(() => {
      client.close();
      queueMicrotask(resolve);
    });
    interrupt();
    await promise;
    return client.connection.get();
  }

  test("because the connection is silent: it stays closed", async () => {
    const client = fixture.open({ heartbeat: { intervalMs: 5, timeoutMs: 50 } });
    const state = await closeOnInterruption(client, () => fixture.network.freeze());
    expect(state).toEqual({ phase: "closed", reason: { kind: "client" } });
  });

  test("because the client leaves a server that drains: it stays closed", async () => {
    await using draining = await serveChat(fixture.world);
    fixture.network.target = draining.port;
    const client = fixture.open();
    const drain = { withinMs: 60_000, closeAfterMs: 60_000, reconnectSpreadMs: 0 };
    const state = await closeOnInterruption(client, () => void draining.server.drain(drain));
    expect(state).toEqual({ phase: "closed", reason: { kind: "client" } });
  });
});

describe("a token", () => {
  test("is asked for before each connection, and travels in a subprotocol or in the query", async () => {
    for (const tokenPlace of ["subprotocol", { query: "token" }] as const) {
      // What is no part of a subprotocol's name.
      const names = ["alice (1)", "bób/=="];
      const client = fixture.open({ token: async () => names.shift() ?? "none left", tokenPlace });
      expect(await client.call("user.get")).toEqual({ name: "alice (1)" });
      fixture.network.cut();
      expect(await client.call("user.get", {}, { repeat: true })).toEqual({ name: "bób/==" });
    }
  });

  test("that cannot be had is asked for again, and null ends the client", async () => {
    const answers = [() => Promise.reject(new Error("offline")), () => Promise.resolve("alice"), () => null];
    const client = fixture.open({ token: () => answers.shift()?.() ?? null });
    const states = fixture.record(client);
    expect(await client.call("user.get")).toEqual({ name: "alice" });
    expect(states).toContainEqual(expect.objectContaining({ phase: "waiting", reason: "token" }));
    fixture.network.cut();
    expect(await untilPhase(client, "closed")).toEqual({ phase: "closed", reason: { kind: "signed-out" } });
  });

  test("that the server refuses: the application decides whether to try again", async () => {
    const attempts: number[] = [];
    const client = fixture.open({
      token: () => "expired",
      shouldRetry: async ({ attempt }) => {
        attempts.push(attempt);
        return attempt < 3;
      },
    });
    const call = client.call("user.get");
    await expect(call).rejects.toMatchObject({ code: "NOT_CONNECTED", wasSent: false });
    expect(client.connection.get()).toEqual({ phase: "closed", reason: { kind: "refused" } });
    expect(attempts).toEqual([1, 2, 3]);
  });

  test("that never comes is given up with the attempt", async () => {
    const client = fixture.open({ token: () => new Promise<string>(() => {}), connectTimeoutMs: 5 });
    expect(await untilPhase(client, "waiting")).toMatchObject({ reason: "unreachable" });
  });
});

describe("a dead connection", () => {
  test("is given up when a ping is not answered", async () => {
    const client = fixture.open({ heartbeat: { intervalMs: 5, timeoutMs: 50 } });
    await untilPhase(client, "open");
    const states = fixture.record(client);
    fixture.network.freeze();
    await expect.poll(() => states).toContainEqual(expect.objectContaining({ phase: "waiting", reason: "silent" }));
    fixture.network.freeze(false);
    await untilPhase(client, "open");
  });

  test("is given up while further calls are made, of which there is always one under way", async () => {
    const client = fixture.open({ heartbeat: { intervalMs: 5, timeoutMs: 50 } });
    await untilPhase(client, "open");
    const states = fixture.record(client);
    fixture.network.freeze();
    // Over a frozen connection none of them gets a reply.
    const call = () => client.call("echo", { text: "x" }, { timeoutMs: 200 }).catch(() => {});
    const calls = setInterval(call, 5);
    try {
      await expect.poll(() => states).toContainEqual(expect.objectContaining({ phase: "waiting", reason: "silent" }));
    } finally {
      clearInterval(calls);
    }
  });

  test("is not one that answers pings, whatever the protocol has", async () => {
    const client = fixture.open({ heartbeat: { intervalMs: 1, timeoutMs: 100_000 } });
    await client.call("echo", { text: "x" });
    const states = fixture.record(client);
    const before = fixture.network.sentBytes;
    // Each has more than 20 bytes.
    await expect.poll(() => fixture.network.sentBytes - before).toBeGreaterThan(200);
    expect(states).toEqual([{ phase: "open" }]);
  });

  test("is not one whose server is busy with a command", async () => {
    const client = fixture.open({ heartbeat: { intervalMs: 2, timeoutMs: 2 } });
    await client.call("sleep.inTurn", { ms: 60 });
  });
});

describe("a server that drains", () => {
  test("is left when it says so, and no call under way is lost", async () => {
    const { world, network } = fixture;
    const predecessor = await serveChat(world);
    await using successor = await serveChat(world);
    network.target = predecessor.port;
    const client = fixture.open();
    const states = fixture.record(client);
    const underWay = client.call("wait", { for: "drain" });
    await expect.poll(() => world.started).toContain("drain");
    network.target = successor.port;
    const draining = predecessor.server.drain({ withinMs: 60_000, closeAfterMs: 60_000, reconnectSpreadMs: 0 });
    await untilDraining(client);
    const meanwhile = client.call("echo", { text: "meanwhile" });
    world.gate("drain").resolve();
    expect(await underWay).toEqual({ waited: "drain" });
    expect(await meanwhile).toEqual({ text: "meanwhile" });
    await draining;
    await predecessor.close();
    expect(states.some(({ phase }) => phase === "waiting")).toBe(false);
    expect(successor.server.metrics.connections).toBe(1);
  });

  test("is left with a subscription whose reply arrives last: it is run again on the next server", async () => {
    const { world, network } = fixture;
    const predecessor = await serveChat(world);
    await using successor = await serveChat(world);
    network.target = predecessor.port;
    const client = fixture.open();
    const subscription = client.subscribe("wait", { for: "draining join" });
    const runs = () => world.started.filter((name) => name === "draining join").length;
    await expect.poll(runs).toBe(1);
    network.target = successor.port;
    const seen = untilDraining(client);
    const draining = predecessor.server.drain({ withinMs: 60_000, closeAfterMs: 60_000, reconnectSpreadMs: 0 });
    await seen;
    // After the client's own timer, which was started first.
    await new Promise((resolve) => setTimeout(resolve, 1));
    world.gate("draining join").resolve();
    await subscription.ready;
    await expect.poll(runs).toBe(2);
    await expect.poll(() => subscription.isActive).toBe(true);
    await draining;
    await predecessor.close();
  });

  test("and closes before that: the client comes back when it was asked to", async () => {
    const { world, network } = fixture;
    const predecessor = await serveChat(world);
    network.target = predecessor.port;
    const client = fixture.open();
    await client.call("echo", { text: "x" });
    const states = fixture.record(client);
    const draining = predecessor.server.drain({ withinMs: 20, reconnectSpreadMs: 2_000_000_000 });
    network.target = fixture.live.port;
    await draining;
    await predecessor.close();
    await expect
      .poll(() => states)
      .toContainEqual(expect.objectContaining({ phase: "waiting", reason: "draining", code: 4100 }));
  });
});

describe("the delays", () => {
  const backoff = { baseMs: 500, maxMs: 30_000 };

  test("are anything up to a bound that doubles", () => {
    const bounds = [1, 2, 3, 7, 8, 1_000].map((attempt) => fullJitter(attempt, backoff, () => 1));
    expect(bounds).toEqual([500, 1_000, 2_000, 30_000, 30_000, 30_000]);
    expect(fullJitter(4, backoff, () => 0)).toBe(0);
  });
});

describe("the options", () => {
  const create = (options: Partial<ClientOptions<typeof chat>>) => () =>
    createClient<typeof chat>({ url: "ws://127.0.0.1:1", autoConnect: false, ...options });

  test.each<[Partial<ClientOptions<typeof chat>>, string]>([
    [{ url: "http://" }, "Expected a url such as"],
    [{ url: "ftp://chat.example" }, "Expected a url with ws, wss, http or https"],
    [{ maxCalls: 0 }, "Expected maxCalls from 1"],
    [{ timeoutMs: Number.NaN }, "Expected timeoutMs from 1"],
    [{ backoff: { maxMs: 2 ** 31 } }, "Expected backoff.maxMs from 1"],
    [{ heartbeat: { intervalMs: -1 } }, "Expected heartbeat.intervalMs from 1"],
    [{ WebSocket: "ws" as never }, "Expected a global WebSocket"],
  ])("%j are refused", (options, message) => {
    expect(create(options)).toThrow(message);
  });

  test("take an address with http, and one that connects later", async () => {
    const client = fixture.open({ url: `${fixture.network.url.replace("ws:", "http:")}#part`, autoConnect: false });
    const closed: CloseReason = { kind: "client" };
    expect(client.connection.get()).toEqual({ phase: "closed", reason: closed });
    client.connect();
    expect(await client.call("echo", { text: "x" })).toEqual({ text: "x" });
  });

  test("take a path where there is no page, as on a server that renders, which cannot connect", () => {
    const client = createClient<typeof chat>({ url: "/ws", backoff: SHORT_BACKOFF });
    expect(client.connection.get()).toEqual({ phase: "closed", reason: { kind: "client" } });
    expect(client.connect).toThrow("Expected a url such as");
    expect(client.connection.get().phase).toBe("closed");
    client.close();
  });

  test("let calls wait for the first connect() as subscriptions do, but not after close()", async () => {
    const client = fixture.open({ autoConnect: false });
    const failing = fixture.open({ autoConnect: false, offline: "fail" });
    const call = client.call("echo", { text: "early" });
    const subscription = client.subscribe("room.join", { room: "early" });
    await expect(failing.call("echo", { text: "x" })).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    client.connect();
    expect(await call).toEqual({ text: "early" });
    await subscription.ready;
    const closed = fixture.open({ autoConnect: false });
    const waiting = closed.call("echo", { text: "x" });
    closed.close();
    await expect(waiting).rejects.toMatchObject({ code: "CLIENT_CLOSED", wasSent: false });
    await expect(closed.call("echo", { text: "x" })).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
  });

  test("offer the subprotocol of the framework", () => {
    const offered: string[][] = [];
    class Recorder {
      onopen = null;
      onmessage = null;
      onclose = null;
      onerror = null;
      constructor(_url: string, protocols: string[]) {
        offered.push(protocols);
      }
      send(): void {}
      close(): void {}
    }
    const client = fixture.open({ WebSocket: Recorder });
    return expect
      .poll(() => offered)
      .toEqual([[SUBPROTOCOL]])
      .then(() => client.close());
  });
});
