import { encoders, type MaybePromise, WebSocketConsumer } from "@multichat/channels";
import { eventually, SteppableClock } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { connectClient, createClient, createGated, createLatch, createLayer } from "./fixtures.ts";

describe("the lifecycle of a connection", () => {
  it("accepts the handshake by default", async () => {
    class Plain extends WebSocketConsumer {}
    const client = createClient(Plain);
    expect(await client.connect()).toEqual({ accepted: true, subprotocol: undefined });
    expect(client.state.phase).toBe("open");
    await client.disconnect();
    expect(client.state).toEqual({ phase: "closed", code: 1000 });
  });

  it("accepts with an offered subprotocol, and with no other", async () => {
    class Chooses extends WebSocketConsumer {
      override connect(): void {
        this.accept("chat.v2");
      }
    }
    const client = createClient(Chooses, { subprotocols: ["chat.v1", "chat.v2"] });
    expect(await client.connect()).toEqual({ accepted: true, subprotocol: "chat.v2" });
    await client.disconnect();
    const other = createClient(Chooses, { subprotocols: ["chat.v1"] });
    expect(await other.connect()).toMatchObject({ accepted: false, status: 500 });
    await other.done();
    expect(String(other.errors[0])).toContain('The client did not offer subprotocol "chat.v2"; it offered: "chat.v1"');
  });

  it.each([
    ["close()", 403, (consumer: WebSocketConsumer) => consumer.close()],
    ["refuse(401)", 401, (consumer: WebSocketConsumer) => consumer.refuse(401, "sign in")],
    ["nothing", 500, () => {}],
    [
      "a throw",
      500,
      () => {
        throw new Error("broken");
      },
    ],
  ])("refuses the handshake when connect ends with %s: %i, and runs disconnect once", async (_ending, status, act) => {
    const ends: number[] = [];
    class Refuses extends WebSocketConsumer {
      override async connect(): Promise<void> {
        await Promise.resolve();
        act(this);
      }
      override disconnect(code: number): void {
        ends.push(code);
      }
    }
    const client = createClient(Refuses);
    expect(await client.connect()).toMatchObject({ accepted: false, status });
    await client.done();
    expect(ends).toEqual([status === 500 ? 1011 : 1006]);
    expect(client.errors).toHaveLength(status === 500 ? 1 : 0);
  });

  it("runs no receive before connect has finished, even if it has accepted", async () => {
    const gate = createLatch();
    const log: string[] = [];
    class Slow extends WebSocketConsumer {
      override async connect(): Promise<void> {
        this.accept();
        await gate.opened;
        log.push("connected");
      }
      override receive(text: string): void {
        log.push(text);
      }
    }
    const client = createClient(Slow);
    await client.connect();
    client.send("early");
    expect(await client.receiveNothing()).toBe(true);
    expect(log).toEqual([]);
    gate.open();
    await eventually(() => expect(log).toEqual(["connected", "early"]));
    await client.disconnect();
  });

  it("handles the frames that the client sent before it closed, and then disconnects", async () => {
    const log: string[] = [];
    class Counts extends WebSocketConsumer {
      override async receive(text: string): Promise<void> {
        await Promise.resolve();
        log.push(text);
      }
      override disconnect(code: number): void {
        log.push(`end ${code}`);
      }
    }
    const client = await connectClient(Counts);
    for (const text of ["1", "2", "3"]) client.send(text);
    await client.disconnect(1001);
    expect(log).toEqual(["1", "2", "3", "end 1001"]);
  });

  it("ignores frames that arrive after close()", async () => {
    const log: string[] = [];
    class Closes extends WebSocketConsumer {
      override receive(text: string): void {
        log.push(text);
        this.close(4000, "enough");
        log.push(String(this.send("too late")));
        this.close(4001);
      }
      override disconnect(code: number): void {
        log.push(`end ${code}`);
      }
    }
    const client = await connectClient(Closes);
    client.send("first");
    client.send("second");
    expect(await client.closed).toEqual({ code: 4000, reason: "enough" });
    await client.done();
    client.send("third");
    expect(log).toEqual(["first", "false", "end 4000"]);
    expect(client.received()).toEqual([]);
  });

  it("closes with 1011 when a handler throws, logs the error with the scope, and disconnects once", async () => {
    const ends: number[] = [];
    class Breaks extends WebSocketConsumer {
      override receive(text: string): MaybePromise<void> {
        if (text === "now") throw new Error("broken now");
        return Promise.reject(new Error("broken later"));
      }
      override disconnect(code: number): void {
        ends.push(code);
        throw new Error("broken at the end");
      }
    }
    const lines: [object, string][] = [];
    const noop = (): void => {};
    const logger = {
      debug: noop,
      info: noop,
      warn: noop,
      error: (details: object, message: string) => void lines.push([details, message]),
    };
    for (const text of ["now", "later"]) {
      const client = await connectClient(Breaks, { logger });
      client.send(text);
      expect(await client.closed).toMatchObject({ code: 1011 });
      await client.done();
      expect(client.errors.map(String)).toEqual([`Error: broken ${text}`, "Error: broken at the end"]);
    }
    expect(ends).toEqual([1011, 1011]);
    expect(lines[0]?.[0]).toMatchObject({ consumer: "Breaks", scope: { path: "/", client: "127.0.0.1" } });
    expect(lines[0]?.[1]).toBe("closed a connection whose handler threw");
  });

  it("fires the signal when the connection ends, and logs no error of a handler that it stops", async () => {
    const states: boolean[] = [];
    class Waits extends WebSocketConsumer {
      override async receive(): Promise<void> {
        await new Promise((_resolve, reject) => {
          this.signal.addEventListener("abort", () => reject(this.signal.reason));
        });
      }
      override disconnect(): void {
        states.push(this.signal.aborted, this.scope.signal.aborted);
      }
    }
    const client = await connectClient(Waits);
    client.send("wait");
    expect(await client.receiveNothing(5)).toBe(true);
    await client.disconnect(1006);
    expect(states).toEqual([true, true]);
    expect(client.errors).toEqual([]);
  });

  it("ends without a handler that is still running after the grace period", async () => {
    const clock = new SteppableClock();
    const { layer, layers } = createLayer();
    const ends: number[] = [];
    const gate = createLatch();
    class Stuck extends WebSocketConsumer {
      static override groups = ["room"];
      override async receive(): Promise<void> {
        await gate.opened;
      }
      override disconnect(code: number): void {
        ends.push(code);
      }
    }
    const client = await connectClient(Stuck, { clock, layers, handlerGraceMs: 5_000 });
    client.send("hang");
    await clock.advance(1);
    const ended = client.disconnect(1006);
    await clock.advance(4_999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    await ended;
    expect(ends).toEqual([1006]);
    expect(layer.stats()).toMatchObject({ channels: 0, memberships: 0 });
    expect(String(client.errors[0])).toContain("still running 5000 ms after its connection ended");
    gate.open();
    await clock.advance(10_000);
    expect(ends).toEqual([1006]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("ends without a `disconnect` or a layer that does not finish within the grace period", async () => {
    const clock = new SteppableClock();
    const { layer, layers } = createLayer();
    const never = new Promise<void>(() => {});
    const subscribe = layer.subscribe.bind(layer);
    layer.subscribe = async (channel, receiver) => {
      const subscription = await subscribe(channel, receiver);
      return { channel, unsubscribe: () => subscription.unsubscribe().then(() => never) };
    };
    class Stuck extends WebSocketConsumer {
      static override groups = ["room"];
      override disconnect(): Promise<void> {
        return never;
      }
    }
    const client = await connectClient(Stuck, { clock, layers, handlerGraceMs: 5_000 });
    const ended = client.disconnect(1006);
    await clock.advance(5_000);
    expect(client.errors.map(String)).toEqual([expect.stringContaining("`disconnect` is still running 5000 ms")]);
    await clock.advance(5_000);
    await ended;
    expect(client.errors.map(String)[1]).toContain("the layer's `unsubscribe` is still running");
    expect(layer.stats()).toMatchObject({ channels: 0, memberships: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("allows handshake calls only during the handshake, and sending only after it", async () => {
    const errors: string[] = [];
    const attempt = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        errors.push(String(error));
      }
    };
    class Confused extends WebSocketConsumer {
      override connect(): void {
        attempt(() => this.send("too early"));
        this.accept();
        attempt(() => this.accept());
        attempt(() => this.refuse(403, "too late"));
        attempt(() => this.close(1005));
        attempt(() => this.close(999));
      }
    }
    const client = await connectClient(Confused);
    expect(errors).toEqual([
      expect.stringMatching(
        /^OutOfTurn: send\(\) is not possible while the connection is connecting; expected accept\(\)/,
      ),
      expect.stringMatching(/^OutOfTurn: accept\(\) is not possible while the connection is open/),
      expect.stringMatching(/^OutOfTurn: refuse\(\) is not possible while the connection is open/),
      expect.stringMatching(/^InvalidCloseCode: .* got 1005/),
      expect.stringMatching(/^InvalidCloseCode: .* got 999/),
    ]);
    await client.disconnect();
  });

  it("closes with 1003 on bytes unless the consumer handles them", async () => {
    class Text extends WebSocketConsumer {}
    const text = await connectClient(Text);
    text.send(new Uint8Array([1]));
    expect(await text.closed).toMatchObject({ code: 1003 });
    await text.done();
    class Echo extends WebSocketConsumer {
      override receiveBytes(bytes: Uint8Array): void {
        this.send(bytes);
      }
    }
    const echo = await connectClient(Echo);
    echo.send(new Uint8Array([1, 2]));
    expect([...(await echo.receiveBytes())]).toEqual([1, 2]);
    await echo.disconnect();
  });

  it("pauses reading when the frame queue is full, and resumes when half is handled", async () => {
    const { Gated, gate, counts } = createGated();
    const client = await connectClient(Gated, { maxQueuedFrames: 4 });
    for (let i = 0; i < 4; i += 1) client.send("x");
    expect(client.paused).toBe(true);
    client.send("already read");
    gate.open();
    await eventually(() => counts.handled === 5);
    expect(client.paused).toBe(false);
    expect(client.counters).toMatchObject({ framesReceived: 5, queuedFrames: 0 });
    await client.disconnect();
  });

  it("notifies the consumer of a drain, in order with its events", async () => {
    const log: number[] = [];
    class Drains extends WebSocketConsumer {
      override onDrain(reconnectAfterMs: number): void {
        log.push(reconnectAfterMs);
      }
    }
    const client = await connectClient(Drains);
    client.drain(1_500);
    await eventually(() => expect(log).toEqual([1_500]));
    await client.disconnect();
  });

  it("lets field initializers use the scope", async () => {
    class Greets extends WebSocketConsumer {
      readonly greeting = `hello ${this.scope.query.get("name")}`;
      override connect(): void {
        this.accept();
        this.send(this.greeting);
      }
    }
    const client = createClient(Greets, {}, "/?name=bob");
    await client.connect();
    expect(await client.receive()).toBe("hello bob");
    await client.disconnect();
  });

  it("refuses a consumer whose shouldSend is a field, which would not be asked", async () => {
    class Filtered extends WebSocketConsumer {
      override shouldSend = (): boolean => false;
    }
    const client = createClient(Filtered);
    expect(await client.connect()).toMatchObject({ accepted: false, status: 500 });
    expect(String(client.errors[0])).toContain("its `shouldSend` is a field");
  });

  it("rejects a class whose event has an encoder and a method", async () => {
    type Events = { "a.b": { x: number } };
    class Both extends WebSocketConsumer<Events> {
      static override encoders = encoders<Events>({ "a.b": () => "" });
      aB(): void {}
    }
    await expect(createClient(Both).connect()).rejects.toThrow('event "a.b" has both an encoder and the method aB()');
  });
});
