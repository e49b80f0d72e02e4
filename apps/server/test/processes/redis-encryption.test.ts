import { eventually } from "@multichat/channels/testing";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkLayer } from "../../src/main/layers.ts";
import { RawRedis } from "../support/redis/raw-redis.ts";
import { ServerPair } from "../support/server-pair.ts";

const KEYS = ["the first key of this test", "the second key of this test"];
/** What every Fernet token begins with. */
const TOKEN = "gAAAAA";

let pair: ServerPair;
beforeAll(async () => {
  pair = await ServerPair.start({ REDIS_ENCRYPTION_KEYS: KEYS.join(", ") });
});
afterAll(() => pair?.stop());

test("with REDIS_ENCRYPTION_KEYS servers understand each other, and nobody else can read or forge a hint", async () => {
  const { redis, a, b } = pair;
  const raw = await RawRedis.open(redis.url);
  await raw.run("PSUBSCRIBE", "multichat__group__*");
  const [alice, bob] = [await pair.chat(a, "alice"), await pair.chat(b, "bob")];
  for (const socket of [alice, bob]) await socket.join(1);
  await alice.do("typing.start", { room: 1 });
  const { user, room } = await bob.event("typing.started");
  await alice.say(1, "hello");
  await bob.event("message.posted", ({ message }) => message.body === "hello");
  await eventually(() => expect(raw.received).toContain(TOKEN));
  for (const word of ["log.event", "typing", "changes", user.id, "hello"]) expect(raw.received).not.toContain(word);
  raw.close();

  const settings = [
    {},
    { symmetricEncryptionKeys: ["the key of another chat"] },
    { serializer: "json" as const },
    { symmetricEncryptionKeys: [KEYS.join(",")] },
    // The second key is not used to encrypt, but decrypts: that is how keys are replaced.
    { symmetricEncryptionKeys: [KEYS[1] ?? ""] },
  ];
  const layers = settings.map((more) => new RedisPubSubLayer({ hosts: [redis.url], prefix: "multichat", ...more }));
  bob.received.splice(0);
  for (const [index, layer] of layers.entries()) {
    const hint = { type: "presence.changed", from: "forger", room, user: user.id, status: "busy", text: `by ${index}` };
    await layer.groupSend(`room.${room}`, hint);
  }
  const shown = await bob.event("presence.changed");
  expect(shown).toMatchObject({ text: "by 4" });
  for (const layer of layers) await layer.close();
  for (const socket of [alice, bob]) socket.close();
});

test("with REDIS_ENCRYPTION_KEYS nothing but the names of groups says who is online", async () => {
  const { redis, a, b } = pair;
  const raw = await RawRedis.open(redis.url);
  await raw.run("MONITOR");
  const [alice, bob] = [await pair.chat(a, "alice"), await pair.chat(b, "bob")];
  for (const socket of [alice, bob]) await socket.join(1);
  const text = "with the auditors";
  await alice.do("presence.set", { status: "busy", text });
  const { user } = await bob.event("presence.changed", (event) => event.text === text);
  await eventually(() => expect(raw.received).toContain(":presence:"));
  alice.close();
  await eventually(() => expect(raw.received.match(/:presence:/g)?.length).toBeGreaterThan(2));
  // The group of a user's connections is named after the user's id.
  const received = raw.received.replaceAll(/"multichat__group__[^"]*"/g, "");
  for (const word of ["auditors", "alice", user, "busy"]) expect(received, word).not.toContain(word);
  raw.close();
  bob.close();
});

test("with REDIS_ENCRYPTION_KEYS a worker reads only messages that are encrypted with one of the keys", async () => {
  const hosts = [pair.redis.url];
  const config = { redisUrl: pair.redis.url, redisPrefix: "work", redisEncryptionKeys: KEYS };
  const worker = await openWorkLayer(config, pino({ level: "silent" }));
  const senders = [
    new RedisQueueLayer({ hosts, prefix: "work" }),
    new RedisQueueLayer({ hosts, prefix: "work", symmetricEncryptionKeys: ["the key of another chat"] }),
    new RedisQueueLayer({ hosts, prefix: "work", symmetricEncryptionKeys: [KEYS[1] ?? ""] }),
  ];
  for (const [index, sender] of senders.entries()) await sender.send("multichat.notices", { type: "x", index });
  const claimed = await worker.receiveAck("multichat.notices");
  expect(claimed.message).toEqual({ type: "x", index: 2 });
  await claimed.ack();
  await Promise.all([worker, ...senders].map((layer) => layer.close()));
});
