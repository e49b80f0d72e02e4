import { type EventOf, encoders, type MaybePromise, WebSocketConsumer } from "@multichat/channels";
import { eventually } from "@multichat/channels/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectClient, createLatch, createLayer } from "./fixtures.ts";

type RoomEvents = { "room.said": { text: string }; "room.left": { who: string } };

const group = "room.1";

/** A small chat: it replies to each command, and publishes changes in the room as events, which take turns with frames. */
class Classic extends WebSocketConsumer<RoomEvents> {
  static override encoders = encoders<RoomEvents>({
    "room.said": (event) => event.text,
    "room.left": (event) => `${event.who} left`,
  });
  static override eventsInTurn = true;
  #joined = false;

  override async receive(text: string): Promise<void> {
    if (text === "join") {
      await this.groupAdd(group);
      this.#joined = true;
      this.send("joined");
    } else if (text === "leave") {
      await this.groupSend(group, { type: "room.left", who: "alice" });
      await this.groupDiscard(group);
      this.#joined = false;
      this.send("leave");
    } else if (this.#joined) {
      await this.groupSend(group, { type: "room.said", text });
    } else {
      this.send("error");
    }
  }
}

/** The same chat with methods instead of encoders. */
class ClassicByMethods extends WebSocketConsumer<RoomEvents> {
  #joined = false;
  override async receive(text: string): Promise<void> {
    if (text === "join") {
      await this.groupAdd(group);
      this.#joined = true;
      this.send("joined");
    } else if (text === "leave") {
      await this.groupSend(group, { type: "room.left", who: "alice" });
      await this.groupDiscard(group);
      this.#joined = false;
      this.send("leave");
    } else if (this.#joined) {
      await this.groupSend(group, { type: "room.said", text });
    } else {
      this.send("error");
    }
  }
  roomSaid(event: EventOf<RoomEvents, "room.said">): void {
    this.send(event.text);
  }
  async roomLeft(event: EventOf<RoomEvents, "room.left">): Promise<void> {
    await Promise.resolve();
    this.send(`${event.who} left`);
  }
}

describe("the order of frames and events", () => {
  it.each([
    ["encoders in turn", Classic],
    ["methods", ClassicByMethods],
  ])("C1: is one frame, then one event, of those queued when the turn began (%s)", async (_name, consumer) => {
    const { layers } = createLayer();
    const alice = await connectClient(consumer, { layers });
    for (const text of ["join", "one", "two", "leave", "three"]) alice.send(text);
    const got: unknown[] = [];
    for (let i = 0; i < 6; i += 1) got.push(await alice.receive());
    expect(got).toEqual(["joined", "one", "leave", "two", "error", "alice left"]);
    await alice.disconnect();
  });

  it("C1: an event that sends nothing takes no turn", async () => {
    type Events = RoomEvents & { "room.typed": { who: string } };
    class Silent extends WebSocketConsumer<Events> {
      static override groups = [group];
      static override encoders = encoders<Events>({
        "room.said": (event) => event.text,
        "room.left": (event) => `${event.who} left`,
        "room.typed": () => undefined,
      });
      static override eventsInTurn = true;
      override async receive(text: string): Promise<void> {
        for (let i = 0; i < 3; i += 1) await this.groupSend(group, { type: "room.typed", who: "alice" });
        await this.groupSend(group, { type: "room.said", text });
        this.send(`reply to ${text}`);
      }
    }
    const { layers } = createLayer();
    const client = await connectClient(Silent, { layers });
    for (const text of ["one", "two", "three"]) client.send(text);
    const got: unknown[] = [];
    for (let i = 0; i < 6; i += 1) got.push(await client.receive());
    expect(got).toEqual(["reply to one", "reply to two", "one", "reply to three", "two", "three"]);
    await client.disconnect();
  });

  it("C1: starves neither frames nor events when both arrive in large numbers", async () => {
    const { layer, layers } = createLayer();
    const gate = createLatch();
    const log: string[] = [];
    class Slow extends WebSocketConsumer<RoomEvents> {
      static override groups = [group];
      override async receive(text: string): Promise<void> {
        log.push(text);
        if (text === "wait") await gate.opened;
      }
      roomSaid(event: EventOf<RoomEvents, "room.said">): void {
        log.push(event.text);
      }
      roomLeft(): void {}
    }
    const client = await connectClient(Slow, { layers });
    client.send("wait");
    await eventually(() => log.length === 1);
    for (const text of ["f1", "f2", "f3"]) client.send(text);
    for (const text of ["e1", "e2", "e3", "e4"]) await layer.groupSend(group, { type: "room.said", text });
    gate.open();
    await eventually(() => expect(log).toHaveLength(8));
    expect(log).toEqual(["wait", "f1", "e1", "f2", "e2", "f3", "e3", "e4"]);
    await client.disconnect();
  });

  it("C2, C3: an encode-once event is sent at once, but not before an earlier event", async () => {
    const { layer, layers } = createLayer();
    const gate = createLatch();
    class Mixed extends WebSocketConsumer<RoomEvents> {
      static override groups = [group];
      static override encoders = encoders<RoomEvents, "room.said">({ "room.said": (event) => event.text });
      override async receive(text: string): Promise<void> {
        await gate.opened;
        this.send(text);
      }
      async roomLeft(event: EventOf<RoomEvents, "room.left">): Promise<void> {
        await Promise.resolve();
        this.send(event.who);
      }
    }
    const client = await connectClient(Mixed, { layers });
    await eventually(() => client.state.phase === "open");
    const sent = layer.groupSend(group, { type: "room.said", text: "idle" });
    expect(client.received()).toEqual(["idle"]);
    await sent;

    await layer.groupSend(group, { type: "room.left", who: "first" });
    await layer.groupSend(group, { type: "room.said", text: "second" });
    expect([await client.receive(), await client.receive()]).toEqual(["first", "second"]);

    client.send("frame");
    await layer.groupSend(group, { type: "room.said", text: "beside the handler" });
    expect(client.received()).toEqual(["beside the handler"]);
    await layer.groupSend(group, { type: "room.left", who: "waits for the handler" });
    await layer.groupSend(group, { type: "room.said", text: "behind it" });
    expect(client.received()).toEqual([]);
    gate.open();
    expect([await client.receive(), await client.receive(), await client.receive()]).toEqual([
      "frame",
      "waits for the handler",
      "behind it",
    ]);
    await client.disconnect();
  });

  it("C1: holds for any sequence of frames and events, with synchronous and asynchronous handlers", async () => {
    type Step = { readonly kind: "frame" | "event"; readonly causes: number; readonly waits: boolean };
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom("frame" as const, "event" as const),
      causes: fc.integer({ min: 0, max: 2 }),
      waits: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const log: string[] = [];
        type Events = { "model.event": { name: string; causes: number; waits: boolean } };
        class Model extends WebSocketConsumer<Events> {
          override receive(text: string): MaybePromise<void> {
            return this.#handle(JSON.parse(text) as Step & { name: string });
          }
          modelEvent(event: EventOf<Events, "model.event">): MaybePromise<void> {
            return this.#handle(event);
          }
          #handle({ name, causes, waits }: { name: string; causes: number; waits: boolean }): MaybePromise<void> {
            log.push(name);
            const cause = (): void => {
              for (let i = 0; i < causes; i += 1) caused(`${name}.${i}`);
            };
            if (!waits) return cause();
            return Promise.resolve().then(cause);
          }
        }
        const { layers, layer } = createLayer();
        class Named extends Model {
          override connect(): void {
            names.push(this.channelName);
            this.accept();
          }
        }
        const names: string[] = [];
        const client = await connectClient(Named, { layers });
        await eventually(() => names.length === 1);
        const [channel = ""] = names;
        const caused = (name: string): void =>
          void layer.send(channel, { type: "model.event", name, causes: 0, waits: false });
        const expected: string[] = [];
        const frames: (Step & { name: string })[] = [];
        const events: (Step & { name: string })[] = [];
        const sends: Promise<void>[] = [];
        for (const [index, { kind, causes, waits }] of steps.entries()) {
          const item = { kind, causes, waits, name: `${kind}${index}` };
          if (kind === "frame") {
            client.send(JSON.stringify(item));
            frames.push(item);
          } else {
            sends.push(layer.send(channel, { type: "model.event", name: item.name, causes, waits }));
            events.push(item);
          }
        }
        // A turn takes one frame and one event from the queues, and handles the frame first.
        while (frames.length + events.length > 0) {
          for (const item of [frames.shift(), events.shift()]) {
            if (item === undefined) continue;
            expected.push(item.name);
            for (let i = 0; i < item.causes; i += 1) {
              events.push({ kind: "event", name: `${item.name}.${i}`, causes: 0, waits: false });
            }
          }
        }
        await Promise.all(sends);
        await eventually(() => expect(log).toHaveLength(expected.length));
        expect(log).toEqual(expected);
        await client.disconnect();
      }),
      { numRuns: 60 },
    );
  });
});
