import { Encoder } from "@msgpack/msgpack";
import type { LayerMessage } from "@multichat/channels";
import { eventually } from "@multichat/channels/testing";
import {
  type MessageTarget,
  RedisPubSubLayer,
  RedisQueueLayer,
  UnreadableMessageError,
} from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCodec } from "../src/codec/codec.ts";
import { RedisProcess } from "./support/redis-process.ts";

const bytes = (...values: number[]) => Buffer.from(values);
const text = (value: string) => Buffer.concat([bytes(0xa0 + value.length), Buffer.from(value)]);

/** Small inputs that cost a careless decoder memory, time or its stack, and other bytes that are no message. */
const HOSTILE: Readonly<Record<string, Uint8Array>> = {
  "an array of four billion": bytes(0xdd, 0xff, 0xff, 0xff, 0xff),
  "an array of 65,535": bytes(0xdc, 0xff, 0xff),
  "a map of four billion": bytes(0xdf, 0xff, 0xff, 0xff, 0xff),
  "a map of 65,535": bytes(0xde, 0xff, 0xff),
  "text of four billion": bytes(0xdb, 0xff, 0xff, 0xff, 0xff),
  "bytes of four billion": bytes(0xc6, 0xff, 0xff, 0xff, 0xff),
  "an extension of four billion": bytes(0xc9, 0xff, 0xff, 0xff, 0xff, 1),
  "arrays of a million in each other": Buffer.concat(Array.from({ length: 5_000 }, () => bytes(0xdd, 0, 0x0f, 0, 0))),
  "a million arrays in each other": Buffer.alloc(1_000_000, 0x91),
  "a million maps in each other": Buffer.alloc(1_000_000, 0x81),
  "the key __proto__": Buffer.concat([bytes(0x82), text("type"), text("x"), text("__proto__"), bytes(0x80)]),
  "a timestamp": Buffer.concat([bytes(0x82), text("type"), text("x"), text("at"), bytes(0xd6, 0xff, 0, 0, 0, 1)]),
  "a number as type": Buffer.concat([bytes(0x81), text("type"), bytes(7)]),
  "no type": bytes(0x80),
  "a list": bytes(0x90),
  "cut off": Buffer.concat([bytes(0x82), text("type"), bytes(0xd9, 200)]),
  "cut off in a length": bytes(0xdd, 0, 0),
  "followed by more": Buffer.concat([bytes(0x81), text("type"), text("x"), bytes(0)]),
  "the reserved byte": bytes(0xc1),
  nothing: bytes(),
};

describe("bytes that are no message, or a costly one, are refused before they cost anything", () => {
  const codec = makeCodec({ uniquePrefix: false, maxMessageBytes: 16_777_216 });

  it.each(Object.entries(HOSTILE))("%s", (_kind, hostile) => {
    expect(codec.decode(hostile)).toBeUndefined();
  });

  it("a message longer than the limit", () => {
    const message = codec.encode({ type: "x", text: "y".repeat(1_000) });
    expect(codec.decode(message)).toEqual({ type: "x", text: "y".repeat(1_000) });
    const strict = makeCodec({ uniquePrefix: false, maxMessageBytes: 1_000 });
    expect(strict.decode(message)).toBeUndefined();
  });

  it("random changes of real messages, 20,000 times: each is read as a message or refused", () => {
    const random = makeRandom(20_261_129);
    const encoder = new Encoder({ useBigInt64: true });
    let refused = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const original = encoder.encode({ type: "x", value: randomValue(random, 4) });
      const changed = Buffer.from(original);
      for (let change = 0; change <= random(3); change += 1) changed[random(changed.length)] = random(256);
      const decoded = codec.decode(changed.subarray(0, random(4) === 0 ? random(changed.length) : changed.length));
      if (decoded === undefined) refused += 1;
      else expect(typeof decoded.type).toBe("string");
    }
    expect(refused).toBeGreaterThan(1_000);
  });
});

describe("on a real server", () => {
  let redis: RedisProcess;
  let client: Redis;
  const layers: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    redis = await RedisProcess.start();
    client = new Redis(redis.url);
  });
  afterEach(async () => {
    await Promise.all(layers.splice(0).map((layer) => layer.close()));
  });
  afterAll(async () => {
    client?.disconnect();
    await redis?.stop();
  });

  it("pub/sub reports hostile bytes and goes on", async () => {
    const errors: unknown[] = [];
    const layer = new RedisPubSubLayer({ hosts: [redis.url], prefix: "p", onError: (error) => errors.push(error) });
    layers.push(layer);
    const channel = layer.newChannel();
    await layer.groupAdd("room", channel);
    for (const hostile of Object.values(HOSTILE)) await client.publish("p__group__room", Buffer.from(hostile));
    await layer.groupSend("room", { type: "after" });
    expect(await layer.receive(channel)).toEqual({ type: "after" });
    expect(errors).toHaveLength(Object.keys(HOSTILE).length);
    expect(errors.every((error) => error instanceof UnreadableMessageError)).toBe(true);
  });

  it("accept sees each message of the server once, and decides what is delivered", async () => {
    const seen: [string, MessageTarget][] = [];
    const errors: unknown[] = [];
    const accept = (message: LayerMessage, target: MessageTarget): boolean => {
      seen.push([message.type, target]);
      if (message.type === "broken") throw new Error("the check failed");
      return message.type !== "forged";
    };
    const options = { hosts: [redis.url], prefix: "a" };
    const layer = new RedisPubSubLayer({ ...options, accept, onError: (error) => errors.push(error) });
    const other = new RedisPubSubLayer(options);
    layers.push(layer, other);
    const [first, second] = [layer.newChannel("first"), layer.newChannel("second")];
    for (const channel of [first, second]) await layer.groupAdd("room", channel);
    for (const type of ["forged", "broken", "real"]) await other.groupSend("room", { type });
    for (const channel of [first, second]) expect(await layer.receive(channel)).toEqual({ type: "real" });
    await other.send(first, { type: "forged" });
    await other.send(first, { type: "direct" });
    expect(await layer.receive(first)).toEqual({ type: "direct" });
    await layer.groupSendLocal("room", { type: "forged" });
    expect(await layer.receive(first)).toEqual({ type: "forged" });
    expect(seen).toEqual([
      ["forged", { group: "room" }],
      ["broken", { group: "room" }],
      ["real", { group: "room" }],
      ["forged", { channel: first }],
      ["direct", { channel: first }],
    ]);
    expect(errors).toHaveLength(1);
  });

  it("the queue layer reports hostile bytes and channels of other queues, and goes on", async () => {
    const errors: unknown[] = [];
    const layer = new RedisQueueLayer({ hosts: [redis.url], prefix: "q", onError: (error) => errors.push(error) });
    layers.push(layer);
    const codec = makeCodec({ uniquePrefix: true, maxMessageBytes: 16_777_216 });
    const score = () => Date.now() / 1_000 + 60;
    const received: LayerMessage[] = [];
    await layer.subscribe("jobs", {
      deliver: ({ message }) => {
        received.push(message);
        return true;
      },
      layerGap: () => {},
    });
    for (const hostile of Object.values(HOSTILE)) {
      await client.zadd("qjobs", score(), Buffer.concat([Buffer.from("0123456789ab"), hostile]));
    }
    for (const named of ["elsewhere", ["elsewhere", "jobs!1"], 7, null, {}, [[]], [7]]) {
      await client.zadd("qjobs", score(), codec.encode({ type: "forged", __asgi_channel__: named }));
    }
    await layer.send("jobs", { type: "after" });
    await eventually(() => received.length > 0);
    expect(received).toEqual([{ type: "after" }]);
    await eventually(() => expect(errors).toHaveLength(Object.keys(HOSTILE).length));
    await eventually(async () => expect(await client.zcard("qjobs")).toBe(0));
    expect(received).toHaveLength(1);
  });
});

/** Returns a generator of whole numbers below a bound (xorshift). */
function makeRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

function randomValue(random: (bound: number) => number, depth: number): unknown {
  switch (random(depth > 0 ? 9 : 7)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return random(2 ** 31) - random(2 ** 31);
    case 3:
      return random(1_000) / 7;
    case 4:
      return "é".repeat(random(400));
    case 5:
      return new Uint8Array(random(300));
    case 6:
      return BigInt(random(2 ** 31)) * 4_294_967_296n;
    case 7:
      return Array.from({ length: random(40) }, () => randomValue(random, depth - 2));
    default:
      return Object.fromEntries(
        Array.from({ length: random(20) }, (_, i) => [`k${i}`, randomValue(random, depth - 2)]),
      );
  }
}
