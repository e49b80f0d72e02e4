import { describe, expect, test } from "vitest";
import { type Client, createClient, type Socket } from "../src/index.ts";
import { alice, TestWorld } from "./support/test-world.ts";

const waitingFor = (client: Client): number => (client.state.phase === "waiting" ? client.state.until : Number.NaN);

describe("connecting", () => {
  test("goes from idle through connecting to open, and notifies of each step", async () => {
    const world = new TestWorld();
    const client = world.client();
    const phases: string[] = [];
    client.connection.subscribe(() => phases.push(client.state.phase));
    expect(client.state).toEqual({ phase: "idle" });
    client.connect();
    expect(client.state).toEqual({ phase: "connecting", attempt: 1 });
    await world.clock.advance(100);
    expect(client.state).toEqual({ phase: "open" });
    expect(phases).toEqual(["connecting", "open"]);
    client.disconnect();
    expect(client.state).toEqual({ phase: "idle" });
  });

  test("requests the subprotocol at /ws, with the token as a second one and never in the URL", () => {
    const requests: [string, string[]][] = [];
    const socket: Socket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      readyState: 0,
      send() {},
      close() {},
    };
    const webSocket = (url: string, protocols: string[]) => {
      requests.push([url, protocols]);
      return socket;
    };
    for (const url of ["https://chat.example.org", "http://localhost:8000/", "wss://chat.example.org/team/"]) {
      const client = createClient({ url, token: "secret", webSocket });
      client.connect();
      client.disconnect();
    }
    expect(requests.map(([url]) => url)).toEqual([
      "wss://chat.example.org/ws",
      "ws://localhost:8000/ws",
      "wss://chat.example.org/team/ws",
    ]);
    expect(requests[0]?.[1]).toEqual(["multichat.v1", "bearer.secret"]);
  });

  test.each([
    ["ftp://chat.example.org", /http, https, ws or wss/],
    [undefined, /Expected the option url/],
  ])("rejects %s as url", (url, message) => {
    expect(() => createClient(url === undefined ? {} : { url })).toThrow(message);
  });

  test.each([
    ["maxMessages", 10],
    ["pageSize", 101],
    ["replyTimeoutMs", 0],
    ["maxUnsent", 1.5],
  ])("rejects %s = %d and names the bounds", (name, value) => {
    expect(() => createClient({ url: "http://chat.test", [name]: value })).toThrow(
      new RegExp(`${name} to be a whole number from \\d+ to \\d+, got ${value}`),
    );
  });
});

describe("a server that is unreachable", () => {
  test("is retried after random delays whose bound doubles up to 30 s", async () => {
    const world = new TestWorld();
    world.network.isReachable = false;
    const client = world.client(alice, { random: () => 0.999 });
    client.connect();
    const pauses: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      await world.clock.advance(10);
      expect(client.state).toMatchObject({ phase: "waiting", attempt: i + 1, reason: "unreachable" });
      const pause = waitingFor(client) - world.clock.now();
      pauses.push(Math.round((pause + 5) / 100) * 100);
      await world.clock.advance(pause);
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  test("can be retried at once, because full jitter starts at zero", async () => {
    const world = new TestWorld();
    world.network.isReachable = false;
    const client = world.client(alice, { random: () => 0 });
    client.connect();
    await world.clock.advance(5);
    expect(client.state).toEqual({ phase: "connecting", attempt: 2 });
  });

  test("times out when it never answers the handshake, after 15 s", async () => {
    const world = new TestWorld();
    const silent: Socket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      readyState: 0,
      send() {},
      close() {},
    };
    const client = world.client(alice, { webSocket: () => silent });
    client.connect();
    await world.clock.advance(14_999);
    expect(client.state.phase).toBe("connecting");
    await world.clock.advance(1);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "unreachable" });
  });

  test("is not retried until connect() when it refuses the handshake without a session", async () => {
    const world = new TestWorld();
    world.network.isReachable = false;
    world.meStatus = 401;
    const client = world.client();
    client.connect();
    await world.clock.advance(100);
    expect(client.state).toEqual({ phase: "refused", code: "signed-out" });
    await world.clock.advance(600_000);
    expect(client.state.phase).toBe("refused");
    world.network.isReachable = true;
    world.meStatus = 200;
    client.connect();
    await world.clock.advance(100);
    expect(client.state.phase).toBe("open");
  });

  test.each(["down", "hanging"])("counts as unreachable when its HTTP API is %s", async (failure) => {
    const world = new TestWorld();
    world.network.isReachable = false;
    const client = world.client(alice, {
      fetch: (_url, { signal }) =>
        failure === "down"
          ? Promise.reject(new TypeError("fetch failed"))
          : new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    });
    client.connect();
    await world.clock.advance(10_010);
    if (failure === "hanging") expect(client.state).toMatchObject({ phase: "waiting", attempt: 1 });
    else expect(client.state).not.toMatchObject({ phase: "refused" });
  });
});

describe("after a close", () => {
  test.each([
    [1006, "lost"],
    [1011, "lost"],
    [4101, "too-slow"],
    [4102, "heartbeat"],
    [4199, "lost"],
  ])("waits and reconnects after close code %d (%s)", async (code, reason) => {
    const world = new TestWorld();
    const client = await world.connected();
    world.socket(alice).closeByServer(code);
    expect(client.state).toMatchObject({ phase: "waiting", reason });
    await world.clock.advance(600);
    expect(client.state.phase).toBe("open");
  });

  test("reconnects at once with 4000, but not in a loop", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    await world.clock.advance(5_000);
    world.socket(alice).closeByServer(4000);
    expect(client.state.phase).toBe("connecting");
    await world.clock.advance(100);
    world.socket(alice).closeByServer(4000);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "lost" });
  });

  test.each([
    [4200, "signed-out"],
    [4201, "banned"],
    [4202, "protocol"],
    [4299, "protocol"],
  ])("does not reconnect after close code %d (%s)", async (code, refusal) => {
    const world = new TestWorld();
    const client = await world.connected();
    world.socket(alice).closeByServer(code);
    expect(client.state).toEqual({ phase: "refused", code: refusal });
    world.device.emit("visible");
    await world.clock.advance(600_000);
    expect(client.state.phase).toBe("refused");
  });

  test("counts each break of an unstable connection as one more failure", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    for (const attempt of [1, 2, 3]) {
      world.socket(alice).closeByServer(1006);
      expect(client.state).toMatchObject({ phase: "waiting", attempt });
      await world.clock.advance(2_100);
    }
    await world.clock.advance(5_000);
    world.socket(alice).closeByServer(1006);
    expect(client.state).toMatchObject({ phase: "waiting", attempt: 1 });
  });

  test("counts a connection that never caught up as a failure, however long it was open", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    world.server.isOverloaded = true;
    for (const attempt of [1, 2, 3]) {
      world.socket(alice).closeByServer(1006);
      expect(client.state).toMatchObject({ phase: "waiting", attempt });
      await world.clock.advance(10_000);
      expect(client.state.phase).toBe("open");
    }
    world.server.isOverloaded = false;
    world.socket(alice).closeByServer(1006);
    await world.clock.advance(60_000);
    world.socket(alice).closeByServer(1006);
    expect(client.state).toMatchObject({ phase: "waiting", attempt: 1 });
  });

  test("reconnects to a draining server at the announced time, whatever the device reports", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const at = world.clock.now();
    world.socket(alice).sendFromServer({ on: "server.draining", reconnectAfter: 7_000 });
    await world.clock.advance(100);
    world.socket(alice).closeByServer(4100);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "draining", until: at + 7_005 });
    world.device.emit("visible");
    await world.clock.advance(6_800);
    expect(client.state.phase).toBe("waiting");
    await world.clock.advance(200);
    expect(client.state.phase).toBe("open");
  });

  test("leaves a draining server that does not close at the announced time", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const previousSocket = world.socket(alice);
    previousSocket.sendFromServer({ on: "server.draining", reconnectAfter: 3_000 });
    await world.clock.advance(3_100);
    expect(client.state.phase).toBe("open");
    expect(world.socket(alice)).not.toBe(previousSocket);
  });
});

describe("a connection that died silently", () => {
  test("is detected by a ping after 25 s of silence and a timeout of 10 s", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    world.socket(alice).cut({ isNoticed: false });
    await world.clock.advance(34_000);
    expect(client.state.phase).toBe("open");
    await world.clock.advance(900);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "heartbeat" });
    await world.clock.advance(1_000);
    expect(client.state.phase).toBe("open");
  });

  test("is distinguished from a quiet one", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const previousSocket = world.socket(alice);
    await world.clock.advance(200_000);
    expect(world.socket(alice)).toBe(previousSocket);
    expect(client.state.phase).toBe("open");
    expect(world.server.answerCounts.get("ping")).toBeGreaterThan(5);
  });

  test("is not probed while frames arrive", async () => {
    const world = new TestWorld();
    const room = world.createRoom();
    await world.connected();
    for (let i = 0; i < 20; i += 1) {
      world.server.post(room, alice, "tick");
      await world.clock.advance(10_000);
    }
    expect(world.server.answerCounts.get("ping") ?? 0).toBe(0);
  });

  test("is detected within 4 s when the page becomes visible", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    world.socket(alice).cut({ isNoticed: false });
    world.device.emit("visible");
    await world.clock.advance(4_000);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "heartbeat" });
  });
});

describe("a device without a network", () => {
  test("waits for the network, and connects at once when it is back", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    world.network.isReachable = false;
    world.device.emit("offline");
    world.socket(alice).cut({ isNoticed: true });
    await world.clock.advance(100);
    expect(client.state).toEqual({ phase: "offline" });
    await world.clock.advance(5_000);
    world.network.isReachable = true;
    world.device.emit("online");
    expect(client.state).toEqual({ phase: "connecting", attempt: 1 });
    await world.clock.advance(100);
    expect(client.state.phase).toBe("open");
  });

  test("tries to connect every 30 s all the same", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    world.device.emit("offline");
    world.socket(alice).cut({ isNoticed: true });
    expect(client.state).toEqual({ phase: "offline" });
    await world.clock.advance(30_100);
    expect(client.state.phase).toBe("open");
  });

  test("stops waiting when the page becomes visible, at most once a second", async () => {
    const world = new TestWorld();
    world.network.isReachable = false;
    const client = world.client(alice, { random: () => 0.999 });
    client.connect();
    await world.clock.advance(60_000);
    expect(client.state.phase).toBe("waiting");
    world.device.emit("visible");
    expect(client.state).toEqual({ phase: "connecting", attempt: 1 });
    await world.clock.advance(10);
    world.device.emit("visible");
    expect(client.state.phase).toBe("waiting");
  });
});
