import { eventually } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { RawClient } from "./raw-client.ts";
import { connectMember, ends, serve } from "./room-server.ts";

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

  it("lets clients leave by themselves until `closeAfterMs`, and ends early when all have left", async () => {
    await using testServer = await serve();
    const clients = await Promise.all(Array.from({ length: 3 }, () => connectMember(testServer)));
    const drained = testServer.live.server.drain({
      withinMs: 600_000,
      closeAfterMs: 600_000,
      message: (reconnectAfter) => ({ on: "server.draining", reconnectAfter }),
    });
    for (const client of clients) {
      await client.receiveJson();
      // It is served until it leaves.
      client.send("still here");
    }
    for (const client of clients) await client.close(1000);
    await drained;
    expect(ends).toEqual([1000, 1000, 1000]);
  });

  it("asks clients in the batches that `nextBatch` resolves with", async () => {
    await using testServer = await serve();
    const clients = await Promise.all(Array.from({ length: 5 }, () => connectMember(testServer)));
    const batches = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const remaining: number[] = [];
    const drained = testServer.live.server.drain({
      withinMs: 2_000,
      message: () => ({ on: "server.draining" }),
      nextBatch: async (count) => {
        remaining.push(count);
        return (await batches[remaining.length - 1]?.promise) ?? count;
      },
    });
    // Sent to everyone: what each has received before it says whether it was asked.
    const askedAtMark = async (mark: string): Promise<number> => {
      await testServer.layer.groupSend("room", { type: "room.said", text: mark });
      const received = await Promise.all(
        clients.map(async (client) => {
          let isAsked = false;
          for (;;) {
            const frame = await client.receiveText();
            if (frame === mark) return isAsked;
            isAsked ||= frame.includes("server.draining");
          }
        }),
      );
      return received.filter(Boolean).length;
    };
    expect(await askedAtMark("first")).toBe(0);
    batches[0]?.resolve(2);
    await eventually(() => remaining.length === 2);
    expect(await askedAtMark("second")).toBe(2);
    batches[1]?.resolve(0);
    await drained;
    expect(remaining).toEqual([5, 3, 3]);
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 4100 });
  });

  it("closes those that have not left after `closeAfterMs`", async () => {
    await using testServer = await serve();
    const client = await connectMember(testServer);
    await testServer.live.server.drain({ withinMs: 2_000, closeAfterMs: 50 });
    expect(await client.closed).toMatchObject({ code: 4100 });
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
