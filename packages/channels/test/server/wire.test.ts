import { createHash, randomBytes } from "node:crypto";
import { binaryFrame, LayerRegistry, route, textFrame, urlRouter, WebSocketConsumer } from "@multichat/channels";
import { eventually, liveServer } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { clientFrame, RawClient } from "./raw-client.ts";
import { connectMember, ends, serve } from "./room-server.ts";

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
