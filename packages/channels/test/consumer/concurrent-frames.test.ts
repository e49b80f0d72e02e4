import { type EventOf, encoders, WebSocketConsumer } from "@multichat/channels";
import { eventually } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { connectClient, createClient, createGated, createLatch, createLayer } from "./fixtures.ts";

type Events = { "room.said": { text: string }; "room.closed": { why: string } };

/** Waits for one turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("C3: events with encoders do not wait for the handler of a frame", () => {
  it.each([1, 10, 999, 1_001, 5_000])("%i of them, with a mailbox of 1,000", async (count) => {
    const { layer, layers } = createLayer();
    const gate = createLatch();
    class Busy extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events, "room.said">({ "room.said": ({ text }) => text });
      override async receive(): Promise<void> {
        await gate.opened;
        this.send("reply");
      }
      roomClosed(): void {}
    }
    const client = await connectClient(Busy, { layers });
    client.send("frame");
    await turn();
    for (let i = 0; i < count; i += 1) await layer.groupSend("room", { type: "room.said", text: String(i) });
    expect(client.received()).toEqual(Array.from({ length: count }, (_, i) => String(i)));
    expect(client.counters).toMatchObject({ eventsDropped: 0, eventsEncoded: count, queuedEvents: 0 });
    gate.open();
    expect(await client.receive()).toBe("reply");
    await client.disconnect();
  });

  it("but for connect, which can send what has to come first", async () => {
    const { layer, layers } = createLayer();
    const gate = createLatch();
    class Greets extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events, "room.said">({ "room.said": ({ text }) => text });
      override async connect(): Promise<void> {
        this.accept();
        await gate.opened;
        this.send("history");
      }
      roomClosed(): void {}
    }
    const client = await connectClient(Greets, { layers });
    await layer.groupSend("room", { type: "room.said", text: "new" });
    expect(client.received()).toEqual([]);
    gate.open();
    expect([await client.receive(), await client.receive()]).toEqual(["history", "new"]);
    await client.disconnect();
  });
});

describe("C4: continueFrame", () => {
  /** Continues each frame until the test ends it, and logs when it began. */
  function createContinuing(max: number) {
    const begun: string[] = [];
    const ends = new Map<string, (error?: Error) => void>();
    const closed: string[] = [];
    class Continuing extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events, "room.said">({ "room.said": ({ text }) => text });
      static override maxConcurrentFrames = max;
      override receive(text: string): void {
        begun.push(text);
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        ends.set(text, (error) => (error === undefined ? resolve() : reject(error)));
        this.continueFrame(promise.then(() => void this.send(`done ${text}`)));
      }
      roomClosed({ why }: EventOf<Events, "room.closed">): void {
        closed.push(why);
      }
    }
    return { Continuing, begun, closed, end: (text: string, error?: Error) => ends.get(text)?.(error) };
  }

  it.each([1, 2, 5, 64])(
    "lets %i frames continue, in the order of their arrival, and the next one wait",
    async (max) => {
      const { Continuing, begun, end } = createContinuing(max);
      const client = await connectClient(Continuing);
      const names = Array.from({ length: max + 3 }, (_, i) => `f${i}`);
      for (const name of names) client.send(name);
      await turn();
      expect(begun).toEqual(names.slice(0, max));
      expect(client.counters.queuedFrames).toBe(3);
      end("f0");
      await turn();
      expect(begun).toEqual(names.slice(0, max + 1));
      for (const [index, name] of names.entries()) {
        await eventually(() => begun.length > index);
        end(name);
      }
      const done: unknown[] = [];
      while (done.length < names.length) done.push(await client.receive());
      expect(begun).toEqual(names);
      await client.disconnect();
    },
  );

  it("lets events of both kinds be handled, also when no further frame may begin", async () => {
    const { layer, layers } = createLayer();
    const { Continuing, begun, closed, end } = createContinuing(1);
    const client = await connectClient(Continuing, { layers, maxQueuedEvents: 10 });
    for (const name of ["f0", "f1"]) client.send(name);
    await turn();
    for (let i = 0; i < 100; i += 1) {
      await layer.groupSend("room", { type: "room.closed", why: String(i) });
      await layer.groupSend("room", { type: "room.said", text: String(i) });
      await turn();
    }
    expect(closed).toHaveLength(100);
    expect(client.received()).toHaveLength(100);
    expect(begun).toEqual(["f0"]);
    end("f0");
    await eventually(() => begun.length === 2);
    end("f1");
    await client.disconnect();
  });

  it("closes the connection with 1011 when the work rejects", async () => {
    const { Continuing, end } = createContinuing(5);
    const client = await connectClient(Continuing);
    client.send("f0");
    await turn();
    end("f0", new Error("broken later"));
    expect(await client.closed).toMatchObject({ code: 1011 });
    await client.done();
    expect(client.errors.map(String)).toEqual(["Error: broken later"]);
  });

  it("makes disconnect wait, for frames that had arrived too", async () => {
    const { Continuing, begun, end } = createContinuing(1);
    const client = await connectClient(Continuing);
    for (const name of ["f0", "f1", "f2"]) client.send(name);
    await turn();
    const ended = client.disconnect(1001);
    for (const [index, name] of ["f0", "f1", "f2"].entries()) {
      await eventually(() => begun.length === index + 1);
      expect(client.state.phase).toBe("closing");
      end(name);
    }
    await ended;
    expect(client.state).toEqual({ phase: "closed", code: 1001 });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("rejects a limit of %s", async (max) => {
    const { Continuing } = createContinuing(max);
    await expect(connectClient(Continuing)).rejects.toThrow(/maxConcurrentFrames.* integer of at least 1/);
  });
});

describe("C5: a client that sends faster than it is served is made to wait", () => {
  it("while a handler is under way, and loses nothing", async () => {
    const { Gated, gate, counts } = createGated();
    const client = await connectClient(Gated, { maxQueuedFrames: 8 });
    for (let i = 0; i < 9; i += 1) client.send("x");
    await turn();
    expect(client.paused).toBe(true);
    gate.open();
    await eventually(() => counts.handled === 9);
    expect(client.paused).toBe(false);
    await client.disconnect();
  });

  it("while too many events wait: they go first, and none is dropped", async () => {
    const { layer, layers } = createLayer();
    const log: string[] = [];
    const gate = createLatch();
    class Alternates extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      override async receive(text: string): Promise<void> {
        log.push(text);
        if (text === "wait") await gate.opened;
        // Each frame causes more events than a turn handles.
        for (let i = 0; i < 3; i += 1) await layer.groupSend("room", { type: "room.said", text: `${text}.${i}` });
      }
      async roomSaid({ text }: EventOf<Events, "room.said">): Promise<void> {
        await Promise.resolve();
        log.push(text);
      }
      roomClosed(): void {}
    }
    const client = await connectClient(Alternates, { layers, maxQueuedEvents: 20, maxQueuedFrames: 1_000 });
    const frames = Array.from({ length: 300 }, (_, i) => `f${i}`);
    client.send("wait");
    await turn();
    for (const text of frames) client.send(text);
    gate.open();
    await eventually(() => expect(log).toHaveLength(4 * 301));
    expect(client.counters).toMatchObject({ eventsDropped: 0, queuedEvents: 0, queuedFrames: 0 });
    expect(log.filter((text) => frames.includes(text))).toEqual(frames);
    await client.disconnect();
  });
});

describe("C7: shouldSend is asked at the delivery", () => {
  it("so that a right which the handler under way has taken away counts", async () => {
    const { layer, layers } = createLayer();
    const gate = createLatch();
    class Loses extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events, "room.said">({ "room.said": ({ text }) => text });
      #isAllowed = true;
      override async receive(): Promise<void> {
        this.#isAllowed = false;
        await gate.opened;
        this.#isAllowed = true;
      }
      override shouldSend(): boolean {
        return this.#isAllowed;
      }
      roomClosed(): void {}
    }
    const client = await connectClient(Loses, { layers });
    await layer.groupSend("room", { type: "room.said", text: "before" });
    client.send("lose it");
    await turn();
    await layer.groupSend("room", { type: "room.said", text: "meanwhile" });
    gate.open();
    await turn();
    await layer.groupSend("room", { type: "room.said", text: "after" });
    expect(client.received()).toEqual(["before", "after"]);
    await client.disconnect();
  });

  it("and one that throws closes this connection alone (C8)", async () => {
    const { layer, layers } = createLayer();
    class Picky extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events, "room.said">({ "room.said": ({ text }) => text });
      override shouldSend(): boolean {
        if (this.scope.query.has("throws")) throw new Error("broken");
        return true;
      }
      roomClosed(): void {}
    }
    const good = await connectClient(Picky, { layers });
    const bad = createClient(Picky, { layers }, "/?throws");
    await bad.connect();
    await turn();
    await layer.groupSend("room", { type: "room.said", text: "hi" });
    expect(await bad.closed).toMatchObject({ code: 1011 });
    expect(await good.receive()).toBe("hi");
    await Promise.all([good.disconnect(), bad.done()]);
  });
});
