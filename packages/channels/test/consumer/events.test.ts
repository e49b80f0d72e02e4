import {
  type EventOf,
  encoders,
  InMemoryLayer,
  jsonFrame,
  type LayerGap,
  LayerRegistry,
  WebSocketConsumer,
} from "@multichat/channels";
import type { Delivery, Drop } from "@multichat/channels/layer";
import { eventually } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { connectClient, createClient, createLatch, createLayer } from "./fixtures.ts";

type Events = { "room.said": { text: string; to?: string } };

describe("encode-once handlers", () => {
  it("are called once for an event, and all receivers share the frame", async () => {
    const { layer, layers } = createLayer();
    let calls = 0;
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events>({
        "room.said": (event) => {
          calls += 1;
          return { said: event.text };
        },
      });
    }
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectClient(Room, { layers })));
    await layer.groupSend("room", { type: "room.said", text: "hi" });
    for (const client of clients) expect(await client.receiveJson()).toEqual({ said: "hi" });
    expect(calls).toBe(1);
    await layer.groupSend("room", { type: "room.said", text: "again" });
    expect(calls).toBe(2);
    await Promise.all(clients.map((client) => client.disconnect()));
  });

  it("can return text, bytes, a frame, JSON or nothing", async () => {
    const { layer, layers } = createLayer();
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events>({
        "room.said": ({ text }) => {
          if (text === "bytes") return new Uint8Array([1]);
          if (text === "frame") return jsonFrame(["frame"], { ephemeral: true });
          if (text === "nothing") return undefined;
          return text;
        },
      });
    }
    const client = await connectClient(Room, { layers });
    for (const text of ["text", "bytes", "nothing", "frame"])
      await layer.groupSend("room", { type: "room.said", text });
    expect(await client.receive()).toBe("text");
    expect(await client.receiveBytes()).toEqual(Buffer.from([1]));
    expect(await client.receiveJson()).toEqual(["frame"]);
    await client.disconnect();
  });

  it("close no connection when they throw: the event is dropped and the error logged once", async () => {
    const { layer, layers } = createLayer();
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events>({
        "room.said": ({ text }) => {
          if (text === "bad") throw new Error("cannot encode");
          return text;
        },
      });
    }
    const [first, second] = [await connectClient(Room, { layers }), await connectClient(Room, { layers })];
    await layer.groupSend("room", { type: "room.said", text: "bad" });
    await layer.groupSend("room", { type: "room.said", text: "good" });
    expect(await first.receive()).toBe("good");
    expect(await second.receive()).toBe("good");
    expect([...first.errors, ...second.errors].map(String)).toEqual(["Error: cannot encode"]);
    await Promise.all([first.disconnect(), second.disconnect()]);
  });

  it("can be replaced by methods that decide for each consumer and share the frame", async () => {
    const { layer, layers } = createLayer();
    let made = 0;
    const said = (event: EventOf<Events, "room.said">): object => {
      made += 1;
      return { said: event.text };
    };
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      readonly #name = this.scope.query.get("name");
      roomSaid(event: EventOf<Events, "room.said">, delivery: Delivery): void {
        if (event.to === undefined || event.to === this.#name) this.sendShared(delivery, said);
      }
    }
    const names = ["ann", "bob", "cy"];
    const clients = names.map((name) => createClient(Room, { layers }, `/?name=${name}`));
    for (const client of clients) await client.connect();
    await layer.groupSend("room", { type: "room.said", text: "all" });
    await layer.groupSend("room", { type: "room.said", text: "bob alone", to: "bob" });
    await eventually(() => clients[1]?.counters.eventsHandled === 2);
    const got = clients.map((client) => client.received());
    expect(got).toEqual([['{"said":"all"}'], ['{"said":"all"}', '{"said":"bob alone"}'], ['{"said":"all"}']]);
    expect(made).toBe(2);
    await Promise.all(clients.map((client) => client.disconnect()));
  });
});

describe("events", () => {
  it("call the method of their type with a frozen message, and provide a copy on demand", async () => {
    const { layer, layers } = createLayer();
    const seen: unknown[] = [];
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      roomSaid(event: EventOf<Events, "room.said">, delivery: Delivery): void {
        const copy = delivery.copy();
        seen.push(event.text, Object.isFrozen(event), Object.isFrozen(delivery.copy()), copy.text);
      }
    }
    const client = await connectClient(Room, { layers });
    await layer.groupSend("room", { type: "room.said", text: "hi" });
    await eventually(() => expect(seen).toEqual(["hi", true, false, "hi"]));
    await client.disconnect();
  });

  it("never call methods of the framework, private or inherited ones, whatever their type", async () => {
    const { layer, layers } = createLayer();
    const called: string[] = [];
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      roomSaid(): void {
        called.push("roomSaid");
      }
      override receive(): void {
        called.push("receive");
      }
      override disconnect(): void {
        called.push("disconnect");
      }
      _secret(): void {
        called.push("_secret");
      }
      get trap(): () => void {
        called.push("trap");
        return () => {};
      }
    }
    const client = await connectClient(Room, { layers });
    const types = ["receive", "disconnect", "close", "send", "constructor", "to.string", "has.own.property", "_secret"];
    for (const type of [
      ...types,
      "trap",
      "on.drain",
      "layer.gap",
      "__proto__",
      "group.add",
      "nobody.knows",
      ".",
      "x".repeat(90),
    ]) {
      await layer.groupSend("room", { type, text: "boo" });
    }
    await layer.groupSend("room", { type: "room_said", text: "another spelling" });
    await eventually(() => called.length > 0);
    expect(called).toEqual(["roomSaid"]);
    expect(client.state.phase).toBe("open");
    expect(client.errors).toEqual([]);
    expect(client.counters.eventsUnknown).toBe(types.length + 8);
    await client.disconnect();
  });

  it("are refused and reported as drops when the queue is full (L6), and delay no other consumer (L8)", async () => {
    const { layer, layers } = createLayer();
    const drops: Drop[] = [];
    layer.onDrop((drop) => drops.push(drop));
    const gate = createLatch();
    const got: string[] = [];
    class Slow extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      async roomSaid(event: EventOf<Events, "room.said">): Promise<void> {
        await gate.opened;
        got.push(event.text);
      }
      override onEventsDropped(): void {
        got.push("dropped");
      }
    }
    class Quick extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events>({ "room.said": (event) => event.text });
    }
    const slow = await connectClient(Slow, { layers, maxQueuedEvents: 3 });
    const quick = await connectClient(Quick, { layers });
    for (let i = 0; i < 10; i += 1) await layer.groupSend("room", { type: "room.said", text: String(i) });
    expect(quick.received()).toHaveLength(10);
    gate.open();
    await eventually(() => got.length + drops.length === 11);
    // One event was being handled, and three were queued.
    expect(got).toEqual(["0", "1", "2", "3", "dropped"]);
    expect(drops).toHaveLength(6);
    expect(drops[0]).toMatchObject({ group: "room", reason: "capacity", type: "room.said" });
    expect(slow.counters).toMatchObject({ eventsDropped: 6, queuedEvents: 0 });
    await Promise.all([slow.disconnect(), quick.disconnect()]);
  });

  it("notify the consumer once of a gap in the layer, in order with its events", async () => {
    const gaps: LayerGap[] = [];
    class Room extends WebSocketConsumer {
      override layerGap(gap: LayerGap): void {
        gaps.push(gap);
      }
    }
    let notifyGap: ((gap: LayerGap) => void) | undefined;
    class GapLayer extends InMemoryLayer {
      override subscribe(...args: Parameters<InMemoryLayer["subscribe"]>): ReturnType<InMemoryLayer["subscribe"]> {
        notifyGap = (gap) => args[1].layerGap(gap);
        return super.subscribe(...args);
      }
    }
    const layers = new LayerRegistry();
    layers.register("default", new GapLayer());
    const client = await connectClient(Room, { layers });
    notifyGap?.({ since: 1, until: 2 });
    await eventually(() => expect(gaps).toEqual([{ since: 1, until: 2 }]));
    await client.disconnect();
    notifyGap?.({ since: 3, until: 4 });
    expect(gaps).toHaveLength(1);
  });
});
