import { type ChannelLayer, systemClock } from "@multichat/channels/layer";
import { Inbox } from "@multichat/channels/testing";
import {
  RedisPubSubLayer,
  type RedisPubSubOptions,
  RedisQueueLayer,
  UnreadableMessageError,
} from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCodec } from "../src/codec/codec.ts";
import { checksumOf } from "../src/history/position-announcements.ts";
import { PubSubHistory } from "../src/history/pubsub-history.ts";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
let client: Redis;
beforeAll(async () => {
  // It keeps its data over a restart: that a numbering ends all the same is what some tests show.
  redis = await RedisProcess.start("--appendonly", "yes");
  client = new Redis(redis.url);
});
afterAll(async () => {
  client?.disconnect();
  await redis?.stop();
});

const open: ChannelLayer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((layer) => layer.close()));
});

const kinds = [
  { kind: "pubsub", make: (options: RedisPubSubOptions) => new RedisPubSubLayer(options) },
  { kind: "queue", make: (options: RedisPubSubOptions) => new RedisQueueLayer(options) },
] as const;

let prefixes = 0;
function nextOptions(): RedisPubSubOptions & { readonly prefix: string } {
  prefixes += 1;
  return { hosts: [redis.url], prefix: `history${prefixes}`, history: 50 };
}

async function member(layer: ChannelLayer, group = "room"): Promise<Inbox> {
  const inbox = new Inbox();
  const channel = layer.newChannel();
  await layer.subscribe(channel, inbox);
  await layer.groupAdd(group, channel);
  return inbox;
}

async function send(layer: ChannelLayer, type: string) {
  const position = await layer.groupSend("room", { type });
  if (position === undefined) throw new Error("Expected a position.");
  return position;
}

/** Returns the only key of this prefix that has this Redis type. */
async function keyOfType(prefix: string, type: "stream" | "hash"): Promise<string> {
  for (const key of await client.keys(`${prefix}*`)) if ((await client.type(key)) === type) return key;
  throw new Error(`Expected a ${type} of ${prefix}.`);
}

for (const { kind, make } of kinds) {
  const track = (options: RedisPubSubOptions) => {
    const layer = make(options);
    open.push(layer);
    return layer;
  };

  describe(`the history of a group, ${kind}`, () => {
    it("L16 reports what Redis has evicted, events as well as the numbering", async () => {
      const options = nextOptions();
      const layer = track(options);
      const first = await send(layer, "first");
      await send(layer, "second");
      await client.del(await keyOfType(options.prefix, "stream"));
      const expired = { recovered: false, reason: "expired", position: { epoch: first.epoch, offset: 2 } };
      expect(await layer.groupHistory("room", { since: first })).toMatchObject(expired);
      const third = await send(layer, "third");
      // The last event is there, and the one before it is not.
      expect(await layer.groupHistory("room", { since: first })).toMatchObject({ recovered: false, reason: "expired" });
      expect(await layer.groupHistory("room", { since: { ...third, offset: 2 } })).toMatchObject({
        recovered: true,
        events: [{ offset: 3 }],
      });
      await client.del(await keyOfType(options.prefix, "hash"));
      const fourth = await send(layer, "fourth");
      expect(fourth.offset).toBe(1);
      expect(fourth.epoch).not.toBe(third.epoch);
      expect(await layer.groupHistory("room", { since: third })).toMatchObject({ recovered: false, reason: "epoch" });
      expect((await layer.groupHistory("room")).events).toEqual([{ message: { type: "fourth" }, offset: 1 }]);
    });

    it("L18 begins another numbering after FLUSHALL and SCRIPT FLUSH, and members get its positions", async () => {
      const layer = track(nextOptions());
      const before = await send(layer, "before");
      await client.flushall();
      await client.script("FLUSH");
      const inbox = await member(layer);
      const after = await send(layer, "after");
      expect(after.offset).toBe(1);
      expect(after.epoch).not.toBe(before.epoch);
      await inbox.waitForType("after");
      expect(inbox.deliveries.map(({ position }) => position)).toEqual([{ group: "room", ...after }]);
      expect(await layer.groupHistory("room", { since: before })).toMatchObject({ recovered: false, reason: "epoch" });
    });

    it("L18 begins another numbering after a restart that may have lost the last events", async () => {
      const layer = track(nextOptions());
      const inbox = await member(layer);
      const before = await send(layer, "before");
      await redis.kill();
      await redis.restart();
      await inbox.waitForGaps(1);
      const history = await layer.groupHistory("room", { since: before });
      expect(history).toMatchObject({ recovered: false, reason: "epoch", position: { offset: 0 } });
      expect((await layer.groupHistory("room")).events).toEqual([]);
      const after = await send(layer, "after");
      expect(after).toEqual({ epoch: history.position?.epoch, offset: 1 });
      expect(await layer.groupHistory("room", { since: after })).toMatchObject({ recovered: true });
    });

    it("L16 encrypts the events, and says that another key cannot read them", async () => {
      const options = nextOptions();
      const layer = track({ ...options, symmetricEncryptionKeys: ["key"] });
      const inbox = await member(layer);
      const position = await send(layer, "a.secret");
      await inbox.waitForType("a.secret");
      expect(inbox.deliveries[0]?.position).toEqual({ group: "room", ...position });
      expect((await layer.groupHistory("room")).events).toEqual([{ message: { type: "a.secret" }, offset: 1 }]);
      const stored = await client.xrangeBuffer(await keyOfType(options.prefix, "stream"), "-", "+");
      expect(JSON.stringify(stored.map(([, fields]) => fields.map(String)))).not.toContain("secret");
      const other = track({ ...options, symmetricEncryptionKeys: ["another key"] });
      const since = { epoch: position.epoch, offset: 0 };
      expect(await other.groupHistory("room", { since })).toMatchObject({ recovered: false, reason: "unreadable" });
    });

    it("L15 delivers the events of a process without a history, and gives them no position", async () => {
      const options = nextOptions();
      const layer = track(options);
      const without = track({ ...options, history: 0 });
      const inbox = await member(layer);
      const numbered = await send(layer, "numbered");
      await inbox.waitForType("numbered");
      expect(await without.groupSend("room", { type: "unnumbered" })).toBeUndefined();
      await inbox.waitForType("unnumbered");
      expect(await send(layer, "next")).toEqual({ ...numbered, offset: 2 });
      await inbox.waitForType("next");
      expect(inbox.deliveries.map(({ position }) => position?.offset)).toEqual([1, undefined, 2]);
      const { events } = await layer.groupHistory("room");
      expect(events.map(({ message }) => message.type)).toEqual(["numbered", "next"]);
      // And the other way round: it reads no history, but gets everything.
      const other = await member(without);
      await send(layer, "last");
      await other.waitForType("last");
      expect(other.messages).toEqual([{ type: "last" }]);
    });

    it("leaves out the history where another program has written to it", async () => {
      const options = nextOptions();
      const layer = track(options);
      const first = await send(layer, "first");
      const [stream, numbering] = [await keyOfType(options.prefix, "stream"), await keyOfType(options.prefix, "hash")];
      await client.xadd(stream, "*", "offset", "2", "event", "no message");
      await client.hincrby(numbering, "offset", 1);
      expect(await layer.groupHistory("room", { since: first })).toMatchObject({
        recovered: false,
        reason: "unreadable",
      });
      await client.set(numbering, "a text");
      await expect(layer.groupHistory("room")).rejects.toMatchObject({ code: "LayerDisconnected" });
      await expect(layer.groupSend("room", { type: "lost" })).rejects.toMatchObject({ code: "LayerDisconnected" });
      expect(layer.stats().dropped.disconnected).toBe(1);
    });
  });
}

describe("the history of a group, pubsub alone", () => {
  it("ignores positions that other programs publish", async () => {
    const errors: unknown[] = [];
    const options = { ...nextOptions(), onError: (error: unknown) => errors.push(error) };
    const layer = new RedisPubSubLayer(options);
    open.push(layer);
    const inbox = await member(layer);
    const topic = `${options.prefix}__position__{${options.prefix}__group__room}`;
    for (const text of ["", "x", "0a:1:99", "0a:-1:0", `${"0".repeat(100)}:1:1`]) await client.publish(topic, text);
    const position = await send(layer, "sent");
    await inbox.waitForType("sent");
    // A position without its event says nothing about the next event.
    await client.publish(topic, "0a:7:99");
    await client.publish(
      `${options.prefix}__group__room`,
      Buffer.from([0x81, 0xa4, ...Buffer.from("type"), 0xa3, ...Buffer.from("raw")]),
    );
    await inbox.waitForType("raw");
    expect(inbox.deliveries.map(({ position }) => position)).toEqual([{ group: "room", ...position }, undefined]);
    expect(errors).toEqual([]);
    await client.publish(`${options.prefix}__group__room`, "no message");
    await expect.poll(() => errors).toEqual([expect.any(UnreadableMessageError)]);
  });

  it("forgets a position that was in flight when the last member left", () => {
    let isSubscribed = false;
    const codec = makeCodec({
      serializer: "msgpack",
      symmetricEncryptionKeys: [],
      uniquePrefix: false,
      maxMessageBytes: 1_000,
    });
    const history = new PubSubHistory({
      prefix: "asgi",
      codec,
      numberingTtlMs: 1_000,
      isCluster: false,
      isSubscribed: (topic) => isSubscribed && topic === "asgi__group__room",
    });
    const event = Buffer.from("event");
    const topic = history.positionTopic("asgi__group__room");
    const position = Buffer.from(`0a:7:${checksumOf(event)}`);
    expect(history.receivePosition(topic, position)).toBe(true);
    isSubscribed = true;
    expect(history.takePosition("room", event)).toBeUndefined();
    expect(history.receivePosition(topic, position)).toBe(true);
    expect(history.takePosition("room", event)).toEqual({ group: "room", epoch: "0a", offset: 7 });
  });

  it("returns no event that `accept` refuses", async () => {
    const layer = new RedisPubSubLayer({ ...nextOptions(), accept: ({ type }) => type !== "forged" });
    open.push(layer);
    const inbox = await member(layer);
    for (const type of ["first", "forged", "last"]) await send(layer, type);
    await inbox.waitForType("last");
    const { events } = await layer.groupHistory("room");
    expect(events.map(({ message, offset }) => [message.type, offset])).toEqual([
      ["first", 1],
      ["last", 3],
    ]);
    expect(inbox.deliveries.map(({ position }) => position?.offset)).toEqual([1, 3]);
  });
});

describe("the history of a group, queue alone", () => {
  it("L15 keeps the order of the offsets when the clocks of the senders differ", async () => {
    const options = nextOptions();
    const [ahead, behind, reader] = [5_000, -5_000, 0].map((skewMs) => {
      const layer = new RedisQueueLayer({ ...options, clock: { ...systemClock, now: () => Date.now() + skewMs } });
      open.push(layer);
      return layer;
    });
    if (ahead === undefined || behind === undefined || reader === undefined) throw new Error("Expected three layers.");
    // A named channel that has no reader yet: everything waits in its queue.
    await reader.groupAdd("room", "named");
    for (let round = 0; round < 5; round += 1) for (const layer of [ahead, behind]) await send(layer, "numbered");
    const inbox = new Inbox();
    await reader.subscribe("named", inbox);
    await inbox.waitForCount(10);
    expect(inbox.deliveries.map(({ position }) => position?.offset)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("needs a single server, and refuses the key of its wire format", async () => {
    const hosts = [redis.url, redis.url];
    expect(() => new RedisQueueLayer({ hosts, history: 1 })).toThrow(/single server/);
    const layer = new RedisQueueLayer(nextOptions());
    open.push(layer);
    await expect(layer.groupSend("room", { type: "sent", __history__: "room" })).rejects.toMatchObject({
      code: "InvalidMessage",
    });
  });
});
