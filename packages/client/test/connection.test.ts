import { describe, expect, test } from "vitest";
import { type Client, createClient, type Socket } from "../src/index.ts";
import { alice, TestWorld } from "./support/test-world.ts";

const waitingFor = (client: Client): number => (client.state.phase === "waiting" ? client.state.until : Number.NaN);

describe("connecting", () => {
  test("goes from idle through connecting to open, and tells each step", async () => {
    const house = new TestWorld();
    const client = house.client();
    const phases: string[] = [];
    client.connection.subscribe(() => phases.push(client.state.phase));
    expect(client.state).toEqual({ phase: "idle" });
    client.connect();
    expect(client.state).toEqual({ phase: "connecting", attempt: 1 });
    await house.clock.advance(100);
    expect(client.state).toEqual({ phase: "open" });
    expect(phases).toEqual(["connecting", "open"]);
    client.disconnect();
    expect(client.state).toEqual({ phase: "idle" });
  });

  test("asks at /ws for the protocol, and shows a token as a second one, never in the address", () => {
    const asked: [string, string[]][] = [];
    const socket: Socket = { onopen: null, onmessage: null, onclose: null, onerror: null, send() {}, close() {} };
    const webSocket = (url: string, protocols: string[]) => {
      asked.push([url, protocols]);
      return socket;
    };
    for (const url of ["https://chat.example.org", "http://localhost:8000/", "wss://chat.example.org/team/"]) {
      const client = createClient({ url, token: "secret", webSocket });
      client.connect();
      client.disconnect();
    }
    expect(asked.map(([url]) => url)).toEqual([
      "wss://chat.example.org/ws",
      "ws://localhost:8000/ws",
      "wss://chat.example.org/team/ws",
    ]);
    expect(asked[0]?.[1]).toEqual(["multichat.v1", "bearer.secret"]);
  });

  test.each([
    ["ftp://chat.example.org", /http, https, ws or wss/],
    [undefined, /Expected the option url/],
  ])("refuses %s as an address", (url, message) => {
    expect(() => createClient(url === undefined ? {} : { url })).toThrow(message);
  });

  test.each([
    ["maxMessages", 10],
    ["pageSize", 101],
    ["replyTimeoutMs", 0],
    ["maxUnsent", 1.5],
  ])("refuses %s = %d and names the bounds", (name, value) => {
    expect(() => createClient({ url: "http://chat.test", [name]: value })).toThrow(
      new RegExp(`${name} to be a whole number from \\d+ to \\d+, got ${value}`),
    );
  });
});

describe("a server that cannot be reached", () => {
  test("is tried again after random pauses whose bound doubles up to 30 s", async () => {
    const house = new TestWorld();
    house.network.reachable = false;
    const client = house.client(alice, { random: () => 0.999 });
    client.connect();
    const pauses: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      await house.clock.advance(10);
      expect(client.state).toMatchObject({ phase: "waiting", attempt: i + 1, reason: "unreachable" });
      const pause = waitingFor(client) - house.clock.now();
      pauses.push(Math.round((pause + 5) / 100) * 100);
      await house.clock.advance(pause);
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  test("may be tried again at once: full jitter begins at nothing", async () => {
    const house = new TestWorld();
    house.network.reachable = false;
    const client = house.client(alice, { random: () => 0 });
    client.connect();
    await house.clock.advance(5);
    expect(client.state).toEqual({ phase: "connecting", attempt: 2 });
  });

  test("that never answers the handshake is given up after 15 s", async () => {
    const house = new TestWorld();
    const silent: Socket = { onopen: null, onmessage: null, onclose: null, onerror: null, send() {}, close() {} };
    const client = house.client(alice, { webSocket: () => silent });
    client.connect();
    await house.clock.advance(14_999);
    expect(client.state.phase).toBe("connecting");
    await house.clock.advance(1);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "unreachable" });
  });

  test("that refuses the handshake because nobody is signed in is left alone until connect()", async () => {
    const house = new TestWorld();
    house.network.reachable = false;
    house.meStatus = 401;
    const client = house.client();
    client.connect();
    await house.clock.advance(100);
    expect(client.state).toEqual({ phase: "refused", code: "signed-out" });
    await house.clock.advance(600_000);
    expect(client.state.phase).toBe("refused");
    house.network.reachable = true;
    house.meStatus = 200;
    client.connect();
    await house.clock.advance(100);
    expect(client.state.phase).toBe("open");
  });

  test.each(["down", "hanging"])("and whose HTTP door is %s counts as unreachable", async (how) => {
    const house = new TestWorld();
    house.network.reachable = false;
    const client = house.client(alice, {
      fetch: (_url, { signal }) =>
        how === "down"
          ? Promise.reject(new TypeError("fetch failed"))
          : new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    });
    client.connect();
    await house.clock.advance(10_010);
    if (how === "hanging") expect(client.state).toMatchObject({ phase: "waiting", attempt: 1 });
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
  ])("with %d the client comes back with a pause (%s)", async (code, reason) => {
    const house = new TestWorld();
    const client = await house.connected();
    house.line(alice).closedByServer(code);
    expect(client.state).toMatchObject({ phase: "waiting", reason });
    await house.clock.advance(600);
    expect(client.state.phase).toBe("open");
  });

  test("with 4000 it comes back at once, but not in a circle", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    await house.clock.advance(5_000);
    house.line(alice).closedByServer(4000);
    expect(client.state.phase).toBe("connecting");
    await house.clock.advance(100);
    house.line(alice).closedByServer(4000);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "lost" });
  });

  test.each([
    [4200, "signed-out"],
    [4201, "banned"],
    [4202, "protocol"],
    [4299, "protocol"],
  ])("with %d it does not come back (%s)", async (code, refusal) => {
    const house = new TestWorld();
    const client = await house.connected();
    house.line(alice).closedByServer(code);
    expect(client.state).toEqual({ phase: "refused", code: refusal });
    house.device.say("visible");
    await house.clock.advance(600_000);
    expect(client.state.phase).toBe("refused");
  });

  test("a connection that keeps breaking counts as one failure after the other", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    for (const attempt of [1, 2, 3]) {
      house.line(alice).closedByServer(1006);
      expect(client.state).toMatchObject({ phase: "waiting", attempt });
      await house.clock.advance(2_100);
    }
    await house.clock.advance(5_000);
    house.line(alice).closedByServer(1006);
    expect(client.state).toMatchObject({ phase: "waiting", attempt: 1 });
  });

  test("a connection over which nothing was caught up with counts as a failure, however long it held", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    house.server.overcome = true;
    for (const attempt of [1, 2, 3]) {
      house.line(alice).closedByServer(1006);
      expect(client.state).toMatchObject({ phase: "waiting", attempt });
      await house.clock.advance(10_000);
      expect(client.state.phase).toBe("open");
    }
    house.server.overcome = false;
    house.line(alice).closedByServer(1006);
    await house.clock.advance(60_000);
    house.line(alice).closedByServer(1006);
    expect(client.state).toMatchObject({ phase: "waiting", attempt: 1 });
  });

  test("a draining server is obeyed: back when it said, not before, whatever the device says", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const at = house.clock.now();
    house.line(alice).tell({ on: "server.draining", reconnectAfter: 7_000 });
    await house.clock.advance(100);
    house.line(alice).closedByServer(4100);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "draining", until: at + 7_005 });
    house.device.say("visible");
    await house.clock.advance(6_800);
    expect(client.state.phase).toBe("waiting");
    await house.clock.advance(200);
    expect(client.state.phase).toBe("open");
  });

  test("a draining server that does not close is left when it said", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const before = house.line(alice);
    before.tell({ on: "server.draining", reconnectAfter: 3_000 });
    await house.clock.advance(3_100);
    expect(client.state.phase).toBe("open");
    expect(house.line(alice)).not.toBe(before);
  });
});

describe("a line that died without a word", () => {
  test("is found by a ping after 25 s of silence and 10 s of patience", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    house.line(alice).cut(false);
    await house.clock.advance(34_000);
    expect(client.state.phase).toBe("open");
    await house.clock.advance(900);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "heartbeat" });
    await house.clock.advance(1_000);
    expect(client.state.phase).toBe("open");
  });

  test("is told from one that is only quiet", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const before = house.line(alice);
    await house.clock.advance(200_000);
    expect(house.line(alice)).toBe(before);
    expect(client.state.phase).toBe("open");
    expect(house.server.answered.get("ping")).toBeGreaterThan(5);
  });

  test("is not looked for while something comes", async () => {
    const house = new TestWorld();
    const room = house.room();
    await house.connected();
    for (let i = 0; i < 20; i += 1) {
      house.server.post(room, alice, "tick");
      await house.clock.advance(10_000);
    }
    expect(house.server.answered.get("ping") ?? 0).toBe(0);
  });

  test("is found within 4 s when the person comes back to the page", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    house.line(alice).cut(false);
    house.device.say("visible");
    await house.clock.advance(4_000);
    expect(client.state).toMatchObject({ phase: "waiting", reason: "heartbeat" });
  });
});

describe("a device without a network", () => {
  test("waits for it, and connects at once when it is back", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    house.network.reachable = false;
    house.device.say("offline");
    house.line(alice).cut(true);
    await house.clock.advance(100);
    expect(client.state).toEqual({ phase: "offline" });
    await house.clock.advance(5_000);
    house.network.reachable = true;
    house.device.say("online");
    expect(client.state).toEqual({ phase: "connecting", attempt: 1 });
    await house.clock.advance(100);
    expect(client.state.phase).toBe("open");
  });

  test("that only believes so is tried every 30 s all the same", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    house.device.say("offline");
    house.line(alice).cut(true);
    expect(client.state).toEqual({ phase: "offline" });
    await house.clock.advance(30_100);
    expect(client.state.phase).toBe("open");
  });

  test("ends its waiting when the person comes back, at most once a second", async () => {
    const house = new TestWorld();
    house.network.reachable = false;
    const client = house.client(alice, { random: () => 0.999 });
    client.connect();
    await house.clock.advance(60_000);
    expect(client.state.phase).toBe("waiting");
    house.device.say("visible");
    expect(client.state).toEqual({ phase: "connecting", attempt: 1 });
    await house.clock.advance(10);
    house.device.say("visible");
    expect(client.state.phase).toBe("waiting");
  });
});
