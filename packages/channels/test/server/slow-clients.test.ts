import { eventually, type LiveClient } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { RawClient } from "./raw-client.ts";
import { connectMember, ends, serve, type TestServer } from "./room-server.ts";

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
