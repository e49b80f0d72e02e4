import { createHash, randomBytes } from "node:crypto";
import {
  binaryFrame,
  type EventOf,
  encoders,
  InMemoryLayer,
  jsonFrame,
  LayerRegistry,
  route,
  type ServerOptions,
  silentLogger,
  textFrame,
  urlRouter,
  WebSocketConsumer,
} from "@multichat/channels";
import { eventually, type LiveClient, type LiveServer, liveServer } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { clientFrame, RawClient } from "./raw-client.ts";

type Events = { "room.said": { text: string }; "room.typing": { who: string }; "room.left": { code: number } };

const ends: number[] = [];

class Room extends WebSocketConsumer<Events> {
  static override groups = ["room"];
  static override encoders = encoders<Events, "room.said" | "room.typing">({
    "room.said": (event) => event.text,
    "room.typing": (event) => jsonFrame({ typing: event.who }, { ephemeral: true }),
  });
  override async receive(text: string): Promise<void> {
    if (text === "close") {
      this.send("last words");
      this.close(4007, "é".repeat(100));
    } else if (text === "throw") throw new Error("broken");
    else await this.groupSend("room", { type: "room.said", text });
  }
  roomLeft(event: EventOf<Events, "room.left">): void {
    this.send(`left ${event.code}`);
  }
  override async disconnect(code: number): Promise<void> {
    ends.push(code);
    await this.groupSend("room", { type: "room.left", code });
  }
}

class Echo extends WebSocketConsumer {
  override receive(text: string): void {
    this.send(text);
  }
  override receiveBytes(bytes: Uint8Array): void {
    this.send(createHash("sha256").update(bytes).digest());
  }
}

interface TestServer extends AsyncDisposable {
  readonly live: LiveServer;
  readonly layer: InMemoryLayer;
}

async function serve(options: ServerOptions = {}): Promise<TestServer> {
  ends.length = 0;
  const layer = new InMemoryLayer();
  const layers = new LayerRegistry();
  layers.register("default", layer);
  const application = urlRouter([route("/room", Room), route("/echo", Echo)]);
  const live = await liveServer(application, { layers, logger: silentLogger, ...options });
  return { live, layer, [Symbol.asyncDispose]: () => live.close() };
}

/** Connects a client and waits until the server has added it to the group. */
async function connectMember({ live, layer }: TestServer): Promise<LiveClient> {
  const before = layer.stats().memberships;
  const client = await live.connect("/room");
  await eventually(() => layer.stats().memberships > before);
  return client;
}

describe("frames over a socket", () => {
  it("arrive complete and in order, whatever their size", async () => {
    await using testServer = await serve();
    const client = await testServer.live.connect("/echo");
    const texts = [0, 1, 125, 126, 1_000, 65_535].map((length) =>
      "ü"
        .repeat(length / 2)
        .padEnd(length, "x")
        .slice(0, length / 2),
    );
    for (const text of texts) client.send(text);
    for (const text of texts) expect(await client.receive()).toBe(text);
    const bytes = randomBytes(60_000);
    client.send(bytes);
    expect(Buffer.from(await client.receiveBytes())).toEqual(createHash("sha256").update(bytes).digest());
    await client.close();
  });

  it("can be fragmented, with control frames in between", async () => {
    await using testServer = await serve();
    const client = await testServer.live.connect("/echo");
    const pong = new Promise<string>((resolve) => client.socket.once("pong", (data) => resolve(String(data))));
    client.socket.send("one ", { fin: false });
    client.socket.ping("ping data");
    client.socket.send("two ", { fin: false });
    client.socket.send("three", { fin: true });
    expect(await client.receive()).toBe("one two three");
    expect(await pong).toBe("ping data");
    await client.close();
  });

  it("close the connection with 1009 when they exceed 64 KiB, even if fragmented", async () => {
    await using testServer = await serve();
    const whole = await connectMember(testServer);
    whole.send("x".repeat(65_537));
    expect(await whole.closed).toMatchObject({ code: 1009 });
    const pieces = await connectMember(testServer);
    for (let i = 0; i < 5; i += 1) pieces.socket.send("x".repeat(20_000), { fin: false });
    expect(await pieces.closed).toMatchObject({ code: 1009 });
    await eventually(() => expect(ends).toEqual([1009, 1009]));
    const withinLimit = await testServer.live.connect("/echo");
    withinLimit.send("x".repeat(65_536));
    expect(await withinLimit.receive()).toHaveLength(65_536);
  });

  it("close a text consumer with 1003 when they are binary", async () => {
    await using testServer = await serve();
    const client = await connectMember(testServer);
    client.send(new Uint8Array([1, 2, 3]));
    expect(await client.closed).toMatchObject({ code: 1003 });
    await eventually(() => expect(ends).toEqual([1003]));
  });

  it.each([
    ["unmasked", Buffer.from([0x81, 0x01, 0x61]), 1002],
    ["with a reserved opcode", clientFrame(3, new Uint8Array()), 1002],
    ["with a control frame in fragments", clientFrame(9, new Uint8Array(), { fin: false }), 1002],
    ["with text that is not UTF-8", clientFrame(1, new Uint8Array([0xff])), 1007],
  ])("%s end the connection, and disconnect the consumer once", async (_frame, bytes, code) => {
    await using testServer = await serve();
    const client = await RawClient.connect(testServer.live.port);
    client.upgrade("/room");
    await eventually(() => client.received.includes("\r\n\r\n"));
    client.write(bytes);
    await eventually(() => expect(ends).toEqual([code]));
    client.destroy();
    await eventually(() => testServer.live.server.metrics.connections === 0);
    expect(ends).toEqual([code]);
  });

  it("are sent in one write when they were queued in one turn", async () => {
    await using testServer = await serve();
    const client = await connectMember(testServer);
    const before = { ...testServer.live.server.metrics };
    for (let i = 0; i < 20; i += 1) void testServer.layer.groupSend("room", { type: "room.said", text: String(i) });
    for (let i = 0; i < 20; i += 1) expect(await client.receive()).toBe(String(i));
    expect(testServer.live.server.metrics.deliveries - before.deliveries).toBe(20);
    expect(testServer.live.server.metrics.writes - before.writes).toBe(1);
  });

  it("reach clients that have different frames in the same turn", async () => {
    await using testServer = await serve();
    const clients = [await connectMember(testServer), await connectMember(testServer), await connectMember(testServer)];
    const expected: string[][] = clients.map(() => []);
    for (let i = 0; i < 30; i += 1) {
      void testServer.layer.groupSend("room", { type: "room.said", text: `all ${i}` });
      for (const list of expected) list.push(`all ${i}`);
      clients[i % 3]?.send(`own ${i}`);
    }
    const own = Array.from({ length: 30 }, (_, i) => `own ${i}`);
    for (const [index, client] of clients.entries()) {
      const got: unknown[] = [];
      for (let i = 0; i < 60; i += 1) got.push(await client.receive());
      expect(got.filter((text) => String(text).startsWith("all"))).toEqual(expected[index]);
      expect(got.filter((text) => String(text).startsWith("own")).sort()).toEqual([...own].sort());
    }
  });
});

describe("the end of a connection", () => {
  it("has the client's close code", async () => {
    await using testServer = await serve();
    const [first, other] = [await connectMember(testServer), await connectMember(testServer)];
    await first.close(4321, "bye");
    expect(await other.receive()).toBe("left 4321");
    expect(ends).toEqual([4321]);
  });

  it("is reported once with 1006 when the socket breaks, even within a frame or a message", async () => {
    await using testServer = await serve();
    const other = await connectMember(testServer);
    const cuts = [
      Buffer.alloc(0),
      clientFrame(1, Buffer.from("hello")).subarray(0, 7),
      clientFrame(1, Buffer.from("first part"), { fin: false }),
    ];
    for (const bytes of cuts) {
      const client = await RawClient.connect(testServer.live.port);
      client.upgrade("/room");
      await eventually(() => testServer.layer.stats().memberships === 2);
      client.write(bytes);
      client.socket.resetAndDestroy();
      expect(await other.receive()).toBe("left 1006");
      await eventually(() => testServer.layer.stats().memberships === 1);
    }
    expect(ends).toEqual([1006, 1006, 1006]);
  });

  it("follows the frames sent before close(), with its code and its truncated reason", async () => {
    await using testServer = await serve();
    const client = await connectMember(testServer);
    client.send("close");
    expect(await client.receive()).toBe("last words");
    expect(await client.closed).toEqual({ code: 4007, reason: "é".repeat(61) });
  });

  it("has code 1011 when a handler throws, and affects no other connection", async () => {
    await using testServer = await serve();
    const [first, other] = [await connectMember(testServer), await connectMember(testServer)];
    first.send("throw");
    expect(await first.closed).toMatchObject({ code: 1011 });
    expect(await other.receive()).toBe("left 1011");
    other.send("still open");
    expect(await other.receive()).toBe("still open");
  });

  it("is detected when the client does not answer two pings", async () => {
    await using testServer = await serve({ heartbeatMs: 500 });
    const responsive = await connectMember(testServer);
    const dead = await RawClient.connect(testServer.live.port);
    dead.upgrade("/room");
    expect(await responsive.receive()).toBe("left 1006");
    expect(ends).toEqual([1006]);
    expect(testServer.live.server.metrics).toMatchObject({ deadPeers: 1, connections: 1 });
    dead.destroy();
    responsive.send("alive");
    expect(await responsive.receive()).toBe("alive");
  });
});

describe("a slow client", () => {
  it("is closed with 4101 when its queue is full, and delays no other client (L8)", async () => {
    await using testServer = await serve({ maxQueuedBytes: 100_000, closeTimeoutMs: 3_000 });
    const quick = await connectMember(testServer);
    const slow = await RawClient.connect(testServer.live.port);
    slow.upgrade("/room");
    await eventually(() => testServer.layer.stats().memberships === 2);
    slow.socket.pause();
    const text = "x".repeat(20_000);
    let sent = 0;
    // The kernel's buffers, whose size varies, fill first.
    while (ends.length === 0) {
      await testServer.layer.groupSend("room", { type: "room.said", text: `${sent} ${text}` });
      sent += 1;
      expect(await quick.receive()).toMatch(new RegExp(`^${sent - 1} x`));
      expect(sent).toBeLessThan(20_000);
    }
    expect(ends).toEqual([4101]);
    expect(testServer.live.server.metrics.slowCloses).toBe(1);
    expect(await quick.receive()).toBe("left 4101");
    // The client can still read what was written before, and then the close frame.
    slow.socket.resume();
    const answer = Buffer.from(await slow.ended(), "latin1");
    expect(
      answer.subarray(-10).equals(Buffer.from([0x88, 10, 0x10, 0x05, ...Buffer.from("too slow")]).subarray(-10)),
    ).toBe(true);
  });

  it("misses ephemeral frames first", async () => {
    await using testServer = await serve({ maxQueuedBytes: 200_000 });
    const quick = await connectMember(testServer);
    const slow = await RawClient.connect(testServer.live.port);
    slow.upgrade("/room");
    await eventually(() => testServer.layer.stats().memberships === 2);
    slow.socket.pause();
    const who = "w".repeat(10_000);
    let sent = 0;
    while (testServer.live.server.metrics.framesSkipped === 0) {
      await testServer.layer.groupSend("room", { type: "room.typing", who: `${who}${sent}` });
      await quick.receive();
      sent += 1;
      expect(sent).toBeLessThan(20_000);
    }
    for (let i = 0; i < 15; i += 1) {
      await testServer.layer.groupSend("room", { type: "room.said", text: `${"s".repeat(10_000)}${i}` });
      await quick.receive();
    }
    expect(ends).toEqual([]);
    slow.socket.resume();
    // Every message arrives, although most ephemeral frames were dropped.
    await eventually(() => slow.received.includes(`${"s".repeat(100)}14`));
    const seen = slow.received.toString("latin1");
    for (let i = 0; i < 15; i += 1) expect(seen).toContain(`${"s".repeat(100)}${i}`);
    expect(testServer.live.server.metrics.framesSkipped).toBeGreaterThan(5);
    slow.destroy();
  });

  it("is not a client that reads a large burst", async () => {
    await using testServer = await serve({ maxQueuedBytes: 50_000 });
    const client = await connectMember(testServer);
    for (let i = 0; i < 100; i += 1)
      void testServer.layer.groupSend("room", { type: "room.said", text: `${i} ${"x".repeat(5_000)}` });
    for (let i = 0; i < 100; i += 1) expect(await client.receive()).toMatch(new RegExp(`^${i} x`));
    expect(ends).toEqual([]);
  });
});

describe("a client that floods", () => {
  it("is read only as fast as its consumer handles frames, and loses none", async () => {
    await using testServer = await serve({ maxQueuedFrames: 8 });
    const client = await testServer.live.connect("/echo");
    const count = 5_000;
    for (let i = 0; i < count; i += 1) client.send(String(i));
    for (let i = 0; i < count; i += 1) expect(await client.receive()).toBe(String(i));
  });
});

describe("C5: a client that does not read its replies", () => {
  /** Sends much more than the kernel's buffers hold, whose size varies, and reads nothing. */
  async function sendWithoutReading(testServer: TestServer): Promise<{ client: LiveClient; texts: string[] }> {
    const client = await testServer.live.connect("/echo");
    client.socket.pause();
    const texts = Array.from({ length: 3_000 }, (_, i) => `${i} `.padEnd(10_000, "x"));
    for (const text of texts) client.send(text);
    return { client, texts };
  }

  it("is served no further until it reads, and then gets all of them", async () => {
    await using testServer = await serve({ maxQueuedBytes: 200_000 });
    const { client, texts } = await sendWithoutReading(testServer);
    const { metrics, options } = testServer.live.server;
    await eventually(() => metrics.queuedFrames >= options.maxQueuedFrames);
    expect(metrics.framesReceived).toBeLessThan(texts.length);
    client.socket.resume();
    for (const text of texts) expect(await client.receive()).toBe(text);
    expect(metrics).toMatchObject({ slowCloses: 0, framesDropped: 0, connections: 1 });
    await client.close();
  });

  it("C6: is disconnected when it reads nothing for as long as a client may leave pings unanswered", async () => {
    await using testServer = await serve({ maxQueuedBytes: 200_000, heartbeatMs: 500, missedHeartbeats: 2 });
    await sendWithoutReading(testServer);
    await eventually(() => testServer.live.server.metrics.deadPeers === 1);
    await eventually(() => expect(testServer.live.server.metrics).toMatchObject({ slowCloses: 0, connections: 0 }));
  });
});

describe("a drain", () => {
  it("refuses new connections, announces different times, and closes all with 4100 within the time limit", async () => {
    await using testServer = await serve();
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectMember(testServer)));
    const drained = testServer.live.server.drain({
      withinMs: 2_000,
      reconnectSpreadMs: 10_000,
      message: (reconnectAfter) => ({ on: "server.draining", reconnectAfter }),
    });
    await expect(testServer.live.connect("/room")).rejects.toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
    });
    const times = new Set<number>();
    for (const client of clients) {
      const announced = (await client.receiveJson()) as { reconnectAfter: number };
      expect(announced.reconnectAfter).toBeLessThanOrEqual(10_000);
      times.add(announced.reconnectAfter);
    }
    expect(times.size).toBeGreaterThan(15);
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 4100 });
    await drained;
    expect(ends).toEqual(clients.map(() => 4100));
    expect(testServer.layer.stats()).toMatchObject({ channels: 0, memberships: 0 });
  });

  it("terminates clients that do not answer the close frame", async () => {
    await using testServer = await serve();
    const client = await RawClient.connect(testServer.live.port);
    client.upgrade("/room");
    await eventually(() => testServer.layer.stats().memberships === 1);
    client.socket.pause();
    await testServer.live.server.drain({ withinMs: 100 });
    expect(testServer.live.server.metrics.connections).toBe(0);
    client.destroy();
  });
});

describe("closing a server", () => {
  it("closes all connections with 1001, waits for their consumers, and is idempotent", async () => {
    const testServer = await serve();
    const clients = [await connectMember(testServer), await connectMember(testServer)];
    await Promise.all([testServer.live.server.close(), testServer.live.server.close()]);
    await testServer.live.server.close();
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 1001 });
    expect(ends).toEqual([1001, 1001]);
    expect(testServer.layer.stats()).toMatchObject({ channels: 0, memberships: 0 });
    await expect(testServer.live.connect("/room")).rejects.toThrow("ECONNREFUSED");
  });
});

describe("many clients that connect and disconnect", () => {
  it("cause no error whenever their sockets break, and every consumer ends once", async () => {
    await using testServer = await serve();
    const observer = await connectMember(testServer);
    let isRunning = true;
    const traffic = (async () => {
      for (let i = 0; isRunning; i += 1) {
        await testServer.layer.groupSend("room", { type: "room.said", text: `${i} ${"x".repeat(2_000)}` });
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const clientCount = 120;
    for (let first = 0; first < clientCount; first += 20) {
      const raws = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const raw = await RawClient.connect(testServer.live.port);
          raw.upgrade("/room");
          // Some sockets break before the response, some during the traffic.
          if (index % 4 === 0) raw.socket.resetAndDestroy();
          else await eventually(() => raw.received.length > 5_000);
          return raw;
        }),
      );
      for (const [index, raw] of raws.entries()) {
        if (index % 2 === 0) raw.socket.resetAndDestroy();
        else raw.destroy();
      }
    }
    await eventually(() => expect(testServer.live.server.metrics).toMatchObject({ connections: 1, handshakes: 0 }));
    await eventually(() => expect(testServer.layer.stats().memberships).toBe(1));
    isRunning = false;
    await traffic;
    expect(testServer.live.server.metrics.handlerErrors).toBe(0);
    expect(ends.length).toBe(testServer.live.server.metrics.accepted - 1);
    expect(new Set(ends)).toEqual(new Set([1006]));
    observer.received();
    observer.send("still open");
    await eventually(async () => (await observer.receive()) === "still open");
  });
});

describe("complete frames", () => {
  it("are sent unchanged", async () => {
    class Sends extends WebSocketConsumer {
      override connect(): void {
        this.accept();
        this.send(textFrame("text"));
        this.send(binaryFrame(new Uint8Array([9])));
      }
    }
    await using live = await liveServer(urlRouter([route("/", Sends)]), { layers: new LayerRegistry() });
    const client = await live.connect("/");
    expect(await client.receive()).toBe("text");
    expect([...(await client.receiveBytes())]).toEqual([9]);
  });
});
