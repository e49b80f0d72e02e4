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

/** A client of which the server knows that it is there. */
async function connectMember({ live, layer }: TestServer): Promise<LiveClient> {
  const before = layer.stats().memberships;
  const client = await live.connect("/room");
  await eventually(() => layer.stats().memberships > before);
  return client;
}

describe("frames over a socket", () => {
  it("arrive whole and in order, whatever their size", async () => {
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

  it("may come in fragments, with control frames in between", async () => {
    await using testServer = await serve();
    const client = await testServer.live.connect("/echo");
    const pong = new Promise<string>((resolve) => client.socket.once("pong", (data) => resolve(String(data))));
    client.socket.send("one ", { fin: false });
    client.socket.ping("are you there");
    client.socket.send("two ", { fin: false });
    client.socket.send("three", { fin: true });
    expect(await client.receive()).toBe("one two three");
    expect(await pong).toBe("are you there");
    await client.close();
  });

  it("beyond 64 KiB close with 1009, also in fragments", async () => {
    await using testServer = await serve();
    const whole = await connectMember(testServer);
    whole.send("x".repeat(65_537));
    expect(await whole.closed).toMatchObject({ code: 1009 });
    const pieces = await connectMember(testServer);
    for (let i = 0; i < 5; i += 1) pieces.socket.send("x".repeat(20_000), { fin: false });
    expect(await pieces.closed).toMatchObject({ code: 1009 });
    await eventually(() => expect(ends).toEqual([1009, 1009]));
    const fits = await testServer.live.connect("/echo");
    fits.send("x".repeat(65_536));
    expect(await fits.receive()).toHaveLength(65_536);
  });

  it("that are binary close a text consumer with 1003", async () => {
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
  ])("%s end the connection, and the consumer hears of it once", async (_what, bytes, code) => {
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

  it("come in one write when they were sent in one turn", async () => {
    await using testServer = await serve();
    const client = await connectMember(testServer);
    const before = { ...testServer.live.server.metrics };
    for (let i = 0; i < 20; i += 1) void testServer.layer.groupSend("room", { type: "room.said", text: String(i) });
    for (let i = 0; i < 20; i += 1) expect(await client.receive()).toBe(String(i));
    expect(testServer.live.server.metrics.deliveries - before.deliveries).toBe(20);
    expect(testServer.live.server.metrics.writes - before.writes).toBe(1);
  });

  it("are the same for members of several rooms, each with its own mix", async () => {
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
  it("is told by the client's code", async () => {
    await using testServer = await serve();
    const [one, other] = [await connectMember(testServer), await connectMember(testServer)];
    await one.close(4321, "bye");
    expect(await other.receive()).toBe("left 4321");
    expect(ends).toEqual([4321]);
  });

  it("is 1006, once, when the socket is cut, also within a frame or a message", async () => {
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

  it("comes after what was sent before close(), with its code and as much of its reason as fits", async () => {
    await using testServer = await serve();
    const client = await connectMember(testServer);
    client.send("close");
    expect(await client.receive()).toBe("last words");
    expect(await client.closed).toEqual({ code: 4007, reason: "é".repeat(61) });
  });

  it("is 1011 for the one whose handler throws, and nobody else's", async () => {
    await using testServer = await serve();
    const [one, other] = [await connectMember(testServer), await connectMember(testServer)];
    one.send("throw");
    expect(await one.closed).toMatchObject({ code: 1011 });
    expect(await other.receive()).toBe("left 1011");
    other.send("still here");
    expect(await other.receive()).toBe("still here");
  });

  it("is found when the peer is dead: two pings without a sign of life", async () => {
    await using testServer = await serve({ heartbeatMs: 60 });
    const lively = await connectMember(testServer);
    const dead = await RawClient.connect(testServer.live.port);
    dead.upgrade("/room");
    expect(await lively.receive()).toBe("left 1006");
    expect(ends).toEqual([1006]);
    expect(testServer.live.server.metrics).toMatchObject({ deadPeers: 1, connections: 1 });
    dead.destroy();
    lively.send("alive");
    expect(await lively.receive()).toBe("alive");
  });
});

describe("a slow reader", () => {
  it("is closed with 4101 when too much waits for it, and delays nobody else (L8)", async () => {
    await using testServer = await serve({ maxQueuedBytes: 100_000, closeTimeoutMs: 500 });
    const quick = await connectMember(testServer);
    const slow = await RawClient.connect(testServer.live.port);
    slow.upgrade("/room");
    await eventually(() => testServer.layer.stats().memberships === 2);
    slow.socket.pause();
    const text = "x".repeat(20_000);
    let sent = 0;
    // The kernel's buffers fill first; how large they are is its own affair.
    while (ends.length === 0) {
      await testServer.layer.groupSend("room", { type: "room.said", text: `${sent} ${text}` });
      sent += 1;
      expect(await quick.receive()).toMatch(new RegExp(`^${sent - 1} x`));
      expect(sent).toBeLessThan(20_000);
    }
    expect(ends).toEqual([4101]);
    expect(testServer.live.server.metrics.slowCloses).toBe(1);
    expect(await quick.receive()).toBe("left 4101");
    // What it had to read, it can still read, and then the reason.
    slow.socket.resume();
    const answer = Buffer.from(await slow.ended(), "latin1");
    expect(
      answer.subarray(-10).equals(Buffer.from([0x88, 10, 0x10, 0x05, ...Buffer.from("too slow")]).subarray(-10)),
    ).toBe(true);
  });

  it("loses what is ephemeral first", async () => {
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
    // Every message arrives, though most of what was ephemeral is gone.
    await eventually(() => slow.received.includes(`${"s".repeat(100)}14`));
    const seen = slow.received.toString("latin1");
    for (let i = 0; i < 15; i += 1) expect(seen).toContain(`${"s".repeat(100)}${i}`);
    expect(testServer.live.server.metrics.framesSkipped).toBeGreaterThan(5);
    slow.destroy();
  });

  it("is not one who is sent much at once, and reads it", async () => {
    await using testServer = await serve({ maxQueuedBytes: 50_000 });
    const client = await connectMember(testServer);
    for (let i = 0; i < 100; i += 1)
      void testServer.layer.groupSend("room", { type: "room.said", text: `${i} ${"x".repeat(5_000)}` });
    for (let i = 0; i < 100; i += 1) expect(await client.receive()).toMatch(new RegExp(`^${i} x`));
    expect(ends).toEqual([]);
  });
});

describe("a client that floods", () => {
  it("is read no faster than its consumer handles, and loses nothing", async () => {
    await using testServer = await serve({ maxQueuedFrames: 8 });
    const client = await testServer.live.connect("/echo");
    const count = 5_000;
    for (let i = 0; i < count; i += 1) client.send(String(i));
    for (let i = 0; i < count; i += 1) expect(await client.receive()).toBe(String(i));
  });
});

describe("a drain", () => {
  it("refuses newcomers, tells everybody another time, and closes all with 4100 within the time", async () => {
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
      const told = (await client.receiveJson()) as { reconnectAfter: number };
      expect(told.reconnectAfter).toBeLessThanOrEqual(10_000);
      times.add(told.reconnectAfter);
    }
    expect(times.size).toBeGreaterThan(15);
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 4100 });
    await drained;
    expect(ends).toEqual(clients.map(() => 4100));
    expect(testServer.layer.stats()).toMatchObject({ channels: 0, memberships: 0 });
  });

  it("cuts off who does not answer", async () => {
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
  it("closes everybody with 1001, sees their consumers through, and can be done twice", async () => {
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

describe("a crowd that comes and goes", () => {
  it("breaks nothing, whenever its sockets break, and every consumer ends once", async () => {
    await using testServer = await serve();
    const stays = await connectMember(testServer);
    let going = true;
    const traffic = (async () => {
      for (let i = 0; going; i += 1) {
        await testServer.layer.groupSend("room", { type: "room.said", text: `${i} ${"x".repeat(2_000)}` });
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const crowd = 120;
    for (let first = 0; first < crowd; first += 20) {
      const raws = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const raw = await RawClient.connect(testServer.live.port);
          raw.upgrade("/room");
          // Some break before they have the answer, some in the middle of the traffic.
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
    going = false;
    await traffic;
    expect(testServer.live.server.metrics.handlerErrors).toBe(0);
    expect(ends.length).toBe(testServer.live.server.metrics.accepted - 1);
    expect(new Set(ends)).toEqual(new Set([1006]));
    stays.received();
    stays.send("still here");
    await eventually(async () => (await stays.receive()) === "still here");
  });
});

describe("frames made by hand", () => {
  it("are sent as they are", async () => {
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
