import { encoders, InMemoryLayer, JsonWebSocketConsumer, LayerRegistry, WebSocketConsumer } from "@multichat/channels";
import { describe, expect, it } from "vitest";
import { connectClient, createClient, createLatch, createLayer } from "./fixtures.ts";

type Events = { "room.said": { text: string } };

describe("groups", () => {
  it("are joined and left explicitly, and the remaining ones left after disconnect", async () => {
    const { layer, layers } = createLayer();
    const atEnd: string[][] = [];
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["everybody"];
      static override encoders = encoders<Events>({ "room.said": (event) => event.text });
      override async receive(text: string): Promise<void> {
        if (text.startsWith("-")) await this.groupDiscard(text.slice(1));
        else await this.groupAdd(text);
        this.send([...this.groups].join());
      }
      override async disconnect(): Promise<void> {
        atEnd.push([...this.groups]);
        for (const group of this.groups) await this.groupSend(group, { type: "room.said", text: `left ${group}` });
      }
    }
    const first = await connectClient(Room, { layers });
    const second = await connectClient(Room, { layers });
    first.send("a");
    first.send("b");
    first.send("b");
    first.send("-a");
    expect([await first.receive(), await first.receive(), await first.receive(), await first.receive()]).toEqual([
      "everybody,a",
      "everybody,a,b",
      "everybody,a,b",
      "everybody,b",
    ]);
    expect(layer.stats()).toMatchObject({ channels: 2, memberships: 3 });
    await first.disconnect(1006);
    expect(atEnd).toEqual([["everybody", "b"]]);
    expect(await second.receive()).toBe("left everybody");
    expect(layer.stats()).toMatchObject({ channels: 1, memberships: 1 });
    await second.disconnect();
    expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
  });

  it("C7: deliver nothing after they were left, not even events that were queued before", async () => {
    const { layer, layers } = createLayer();
    const gate = createLatch();
    class Leaver extends WebSocketConsumer<Events> {
      static override groups = ["a"];
      static override encoders = encoders<Events>({ "room.said": (event) => event.text });
      static override eventsInTurn = true;
      override async receive(): Promise<void> {
        await gate.opened;
        await this.groupDiscard("a");
        this.send("left");
      }
      override shouldSend(): boolean {
        return this.groups.has("a");
      }
    }
    const client = await connectClient(Leaver, { layers });
    await layer.groupSend("a", { type: "room.said", text: "sent at once" });
    client.send("leave");
    await layer.groupSend("a", { type: "room.said", text: "waits for the handler" });
    gate.open();
    expect([await client.receive(), await client.receive()]).toEqual(["sent at once", "left"]);
    await client.disconnect();
    expect(await client.receiveNothing()).toBe(true);
  });

  it("cannot be joined after the connection has ended", async () => {
    const { layer, layers } = createLayer();
    const gate = createLatch();
    const refused: string[] = [];
    class Late extends WebSocketConsumer {
      override async receive(): Promise<void> {
        await gate.opened;
        await this.groupAdd("late").catch((error: unknown) => refused.push(String(error)));
      }
    }
    const client = await connectClient(Late, { layers });
    client.send("x");
    const ended = client.disconnect();
    gate.open();
    await ended;
    expect(refused[0]).toMatch(/^ConnectionEnded: groupAdd\("late"\)/);
    expect(layer.stats()).toMatchObject({ channels: 0, memberships: 0 });
  });

  it("are left when connect fails half-way", async () => {
    const { layer, layers } = createLayer();
    const ends: number[] = [];
    class Fails extends WebSocketConsumer {
      override async connect(): Promise<void> {
        await this.groupAdd("room");
        this.accept();
        await this.groupAdd("not a name");
      }
      override disconnect(code: number): void {
        ends.push(code);
      }
    }
    const client = createClient(Fails, { layers });
    expect(await client.connect()).toMatchObject({ accepted: true });
    expect(await client.closed).toMatchObject({ code: 1011 });
    await client.done();
    expect(ends).toEqual([1011]);
    expect(layer.stats()).toMatchObject({ channels: 0, memberships: 0 });
  });
});

describe("a message to a group", () => {
  it("leaves out the consumer that sends it, if it says so", async () => {
    const { layers } = createLayer();
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["room"];
      static override encoders = encoders<Events>({ "room.said": (event) => event.text });
      override async receive(text: string): Promise<void> {
        await this.groupSend("room", { type: "room.said", text }, { except: this.channelName });
        await this.groupSend("room", { type: "room.said", text: `${text} to all` });
      }
    }
    const [sender, listener] = [await connectClient(Room, { layers }), await connectClient(Room, { layers })];
    sender.send("hello");
    expect(await sender.receive()).toBe("hello to all");
    expect([await listener.receive(), await listener.receive()]).toEqual(["hello", "hello to all"]);
    await sender.disconnect();
    await listener.disconnect();
  });
});

describe("a consumer's layer", () => {
  it("is the one registered under its alias", async () => {
    const chat = new InMemoryLayer();
    const layers = new LayerRegistry();
    layers.register("chat", chat);
    class Room extends WebSocketConsumer {
      static override layer = "chat";
      override connect(): void {
        this.accept();
        this.send(`${this.channelLayer === chat} ${this.channelName.startsWith("specific.")}`);
      }
    }
    const client = await connectClient(Room, { layers });
    expect(await client.receive()).toBe("true true");
    await client.disconnect();
  });

  it("need not be registered if the consumer does not use it", async () => {
    class Echo extends WebSocketConsumer {
      override receive(text: string): void {
        if (text === "channel") this.send(this.channelName);
        this.send(text);
      }
    }
    const client = await connectClient(Echo);
    client.send("hi");
    expect(await client.receive()).toBe("hi");
    client.send("channel");
    expect(await client.closed).toMatchObject({ code: 1011 });
    await client.done();
    expect(String(client.errors[0])).toMatch(/^UnknownLayer: No layer is registered as "default"; registered: none/);
  });

  it("causes the connection to be refused when its alias is not registered", async () => {
    class Room extends WebSocketConsumer {
      static override layer = "chat";
    }
    const client = createClient(Room, { layers: new LayerRegistry() });
    expect(await client.connect()).toMatchObject({ accepted: false, status: 500 });
    await client.done();
    expect(String(client.errors[0])).toMatch(/^UnknownLayer: No layer is registered as "chat"/);
  });

  it("does not exist with null: no channel is created, and using it is an error", async () => {
    const { layer, layers } = createLayer();
    class Alone extends WebSocketConsumer {
      static override layer = null;
      override receive(): void {
        this.send(this.channelName);
      }
    }
    const client = await connectClient(Alone, { layers });
    expect(layer.stats().channels).toBe(0);
    client.send("x");
    await client.closed;
    await client.done();
    expect(String(client.errors[0])).toContain("its `static layer` is null");
  });
});

describe("a JSON consumer", () => {
  class Adds extends JsonWebSocketConsumer {
    override receiveJson(content: unknown): void {
      this.sendJson({ got: content });
    }
  }

  it("receives and sends values", async () => {
    const client = await connectClient(Adds);
    client.sendJson([1, { a: null }]);
    expect(await client.receiveJson()).toEqual({ got: [1, { a: null }] });
    await client.disconnect();
  });

  it("closes with 1007 on invalid JSON by default", async () => {
    const client = await connectClient(Adds);
    client.send("{bad");
    expect(await client.closed).toMatchObject({ code: 1007 });
    class Stays extends Adds {
      override receiveInvalidJson(): void {
        this.sendJson({ error: "COMMAND_INVALID" });
      }
    }
    const stays = await connectClient(Stays);
    stays.send("");
    expect(await stays.receiveJson()).toEqual({ error: "COMMAND_INVALID" });
    stays.sendJson("valid");
    expect(await stays.receiveJson()).toEqual({ got: "valid" });
    await stays.disconnect();
  });
});
