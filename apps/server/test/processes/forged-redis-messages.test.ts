import type { LayerMessage } from "@multichat/channels";
import { eventually } from "@multichat/channels/testing";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ChatClient } from "../support/chat-client.ts";
import type { ClassicClient } from "../support/classic-client.ts";
import { type ForgedWorld, forgedMessages, HOSTILE_BYTES, hintsFor } from "../support/redis/forged-messages.ts";
import { RawRedis } from "../support/redis/raw-redis.ts";
import { METRICS_TOKEN, ServerPair } from "../support/server-pair.ts";
import type { ServerProcess } from "../support/server-process.ts";

const PREFIX = "multichat";
const GENERAL = 1;
const STAFF_ROOM = 3;

let pair: ServerPair;
let raw: RawRedis;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  pair = await ServerPair.start();
  raw = await RawRedis.open(pair.redis.url);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(async () => {
  raw?.close();
  await pair?.stop();
});

async function chat(at: ServerProcess, username: string): Promise<ChatClient> {
  const socket = await pair.chat(at, username);
  closers.push(() => socket.close());
  return socket;
}

async function classic(at: ServerProcess, username: string): Promise<ClassicClient> {
  const socket = await pair.classic(at, username);
  closers.push(() => socket.close());
  socket.send({ command: "join", room: GENERAL });
  await socket.until(() => socket.received.length > 0);
  return socket;
}

async function rejectedAt({ url }: ServerProcess): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  return Number(/^multichat_layer_messages_rejected_total (\d+)$/m.exec(text)?.[1]);
}

async function readWorld(): Promise<ForgedWorld> {
  const { rooms } = (await pair.request(pair.a, "admin", "GET", "/rooms")) as { rooms: { id: string }[] };
  const { people } = (await pair.request(pair.a, "admin", "GET", "/people")) as {
    people: { id: string; username: string }[];
  };
  const created = await pair.request(pair.a, "admin", "POST", "/rooms", { title: "Short-lived" });
  const { id } = (created as { room: { id: string } }).room;
  await pair.request(pair.a, "admin", "DELETE", `/rooms/${id}`);
  return {
    rooms: [...rooms.map((room) => room.id), id],
    users: people.map((person) => person.id),
    usernames: people.map(({ username }) => username),
  };
}

/** The connections that must notice nothing: both protocols, on both servers. */
async function openVictims() {
  const alice = await chat(pair.b, "alice");
  const bob = await chat(pair.a, "bob");
  for (const socket of [alice, bob]) await socket.join(GENERAL);
  const pages = [await classic(pair.b, "bob"), await classic(pair.a, "alice")];
  const victims = [alice, bob, ...pages];
  // The notices of their own arrival.
  await pair.post(pair.a, "bob", GENERAL, "the last real message");
  for (const victim of victims) {
    await victim.until(() => JSON.stringify(victim.received).includes("the last real message"));
    await victim.fence();
  }
  // Their differences, which take a moment longer: two users on each server.
  for (const socket of [alice, bob]) await socket.until(() => lastCount(socket) === 4);
  for (const victim of victims) victim.received.splice(0);
  return { alice, victims };
}

const lastCount = ({ events }: ChatClient) => events.flatMap((event) => ("count" in event ? [event.count] : [])).at(-1);

const isReply = (got: unknown): boolean => typeof got === "object" && got !== null && "re" in got;

/** Returns what the victims received and did not ask for. */
async function unasked(victims: readonly (ChatClient | ClassicClient)[]): Promise<unknown[]> {
  for (const victim of victims) await victim.fence();
  return victims.flatMap((victim) => victim.received.filter((got) => !isReply(got)));
}

const groupsOf = ({ rooms, users }: ForgedWorld): string[] => [
  "everybody",
  "processes",
  "probe.forged",
  ...rooms.map((room) => `room.${room}`),
  ...users.map((user) => `user.${user}`),
];

test("forged events: wrong types, missing fields, huge, nested, with elevated rights, to every group, on both layers and in both formats change nothing", async () => {
  const world = await readWorld();
  const { alice, victims } = await openVictims();
  const before = [await rejectedAt(pair.a), await rejectedAt(pair.b)];
  const options = { hosts: [pair.redis.url], prefix: PREFIX };
  const layers = [
    new RedisPubSubLayer(options),
    new RedisPubSubLayer({ ...options, serializer: "json" }),
    new RedisPubSubLayer({ ...options, symmetricEncryptionKeys: ["the key of another chat"] }),
    new RedisQueueLayer(options),
  ];
  closers.push(...layers.map((layer) => () => layer.close()));
  let forged = 0;
  const groups = groupsOf(world);
  for (const message of forgedMessages(world)) {
    forged += 1;
    // Every message to one group in turn and to the groups where it could be believed.
    const believable = [`room.${message.room}`, `user.${message.user}`, "processes"].filter((g) => groups.includes(g));
    const targets = new Set([groups[forged % groups.length] ?? "everybody", ...believable]);
    const layer = forged % 10 === 0 ? layers[(forged / 10) % layers.length] : layers[0];
    await Promise.all([...targets].map((group) => send(layer, group, message)));
  }
  expect(forged).toBeGreaterThan(1_000);
  for (const [index, server] of [pair.a, pair.b].entries()) {
    await eventually(async () => expect(await rejectedAt(server)).toBeGreaterThan((before[index] ?? 0) + 500));
  }
  expect(await unasked(victims)).toEqual([]);
  expect(victims.map(({ isOpen }) => isOpen)).toEqual([true, true, true, true]);

  // Nobody has become anybody else.
  const { code } = await alice.refusal("room.join", { room: STAFF_ROOM });
  expect(code).toBe("ROOM_INVALID");
  expect((await alice.refusal("room.create", { clientId: "c1", title: "Mine", staffOnly: true })).code).toBe(
    "FORBIDDEN",
  );
  const { message } = await alice.say(GENERAL, "still me");
  expect(message).toMatchObject({ author: { username: "alice" } });
});

async function send(layer: RedisPubSubLayer | RedisQueueLayer | undefined, group: string, message: LayerMessage) {
  // JSON carries no bytes.
  await layer?.groupSend(group, message).catch(() => undefined);
}

test.each(Object.entries(HOSTILE_BYTES))("bytes that are no message: %s", async (_kind, bytes) => {
  const { rooms, users } = await readWorld();
  const { victims } = await openVictims();
  const before = await rejectedAt(pair.b);
  const topics = ["everybody", "processes", `room.${rooms[0]}`, ...users.map((user) => `user.${user}`)];
  for (const topic of topics) await raw.run("PUBLISH", `${PREFIX}__group__${topic}`, bytes);
  await raw.run("PUBLISH", `${PREFIX}:presence:changes:presence.online`, bytes);
  await eventually(async () => expect(await rejectedAt(pair.b)).toBeGreaterThan(before));
  expect(await unasked(victims)).toEqual([]);
  expect(victims.every(({ isOpen }) => isOpen)).toBe(true);
});

test("hints of what has not happened, and of what happened long ago, show nothing", async () => {
  const world = await readWorld();
  const { victims } = await openVictims();
  const layer = new RedisPubSubLayer({ hosts: [pair.redis.url], prefix: PREFIX });
  closers.push(() => layer.close());
  const [room = ""] = world.rooms;
  const from = "another process";
  for (const seq of [...Array.from({ length: 40 }, (_, i) => i + 1), 500, 501, 2 ** 31, 2 ** 53 - 1]) {
    await layer.groupSend(`room.${room}`, { type: "log.event", from, room, seq });
  }
  for (let i = 0; i < 200; i += 1) await layer.groupSend("processes", { type: "changes.committed", from });
  // Of a room that the user cannot see, and of one that is deleted.
  for (const hidden of [world.rooms[STAFF_ROOM - 1], world.rooms.at(-1)]) {
    for (const [index, user] of world.users.entries()) {
      if (!["alice", "bob"].includes(world.usernames[index] ?? "")) continue;
      for (const hint of hintsFor(hidden ?? "", user)) {
        await layer.groupSend(hint.type === "marker.moved" ? `user.${user}` : `room.${hidden}`, hint);
      }
    }
  }
  await layer.groupSend("processes", { type: "changes.committed", from });
  // The servers have read all of it when a real message has come through.
  await pair.post(pair.a, "bob", GENERAL, "after the forgeries");
  for (const victim of victims) {
    await victim.until(() => JSON.stringify(victim.received).includes("after the forgeries"));
  }
  const shown = await unasked(victims);
  expect(shown).toHaveLength(victims.length);
  expect(shown.every((got) => JSON.stringify(got).includes("after the forgeries"))).toBe(true);
});

test("a forged typing notice shows a name from the database, and cannot bring its own", async () => {
  const { rooms, users, usernames } = await readWorld();
  const bob = await chat(pair.b, "bob");
  await bob.join(GENERAL);
  const layer = new RedisPubSubLayer({ hosts: [pair.redis.url], prefix: PREFIX });
  closers.push(() => layer.close());
  const [room = ""] = rooms;
  const alice = users[usernames.indexOf("alice")] ?? "";
  const hint = { type: "typing.changed", from: "another process", room, user: alice, started: true };
  await layer.groupSend(`room.${room}`, { ...hint, username: "admin" });
  await layer.groupSend(`room.${room}`, { ...hint, user: { id: alice, username: "admin" } });
  await layer.groupSend(`room.${room}`, hint);
  await bob.event("typing.started", ({ user }) => user.id === alice);
  const typing = bob.events.filter(({ on }) => on === "typing.started");
  expect(typing).toEqual([{ on: "typing.started", room, user: { id: alice, username: "alice" } }]);
});

test("real changes arrive on the other server after the forgeries", async () => {
  const alice = await chat(pair.b, "alice");
  await alice.join(GENERAL);
  await pair.post(pair.a, "bob", GENERAL, "a real message");
  await alice.event("message.posted", ({ message }) => message.body === "a real message");
  const { room } = (await pair.request(pair.a, "admin", "POST", "/rooms", { title: "New" })) as {
    room: { id: string };
  };
  await alice.event("room.listed", ({ entry }) => entry.id === room.id);
  await alice.join(room.id);
  await pair.request(pair.a, "admin", "PATCH", `/rooms/${room.id}`, { staffOnly: true });
  await alice.event("room.unlisted", ({ room: lost }) => lost === room.id);
  await pair.changePerson(pair.a, "alice", { staff: true });
  await alice.event("me.changed", ({ me }) => me.staff);
  await alice.event("room.listed", ({ entry }) => entry.id === room.id && entry.staffOnly);
  await pair.changePerson(pair.a, "alice", { staff: false });
  await alice.event("me.changed", ({ me }) => !me.staff);
  await pair.changePerson(pair.a, "alice", { active: false });
  expect([4200, 4201]).toContain(await alice.closed());
});
