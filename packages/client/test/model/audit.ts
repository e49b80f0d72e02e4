import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { LogEvent, Message } from "@multichat/protocol";
import type { RoomSnapshot } from "../../src/index.ts";
import type { Device } from "./device.ts";
import type { ModelRoom } from "./model-room.ts";
import type { World } from "./world.ts";

/** At any moment: what is shown is in its order and has been true, and what was written is in the log or kept for sending. */
export async function auditNow(world: World): Promise<void> {
  const logged = new Set(world.rooms.flatMap((room) => world.server.messagesOf(room).map((m) => m.clientId)));
  for (const device of world.devices) {
    for (const room of world.rooms) {
      const snapshot = device.client.room(room.id).get();
      if (!world.isRestored) {
        auditItems(device, snapshot, world.server.messagesOf(room), wasTrue(room));
        auditDeleted(device, snapshot);
      }
      for (const item of snapshot.items) {
        if (item.kind === "pending" && item.pending.state === "failed") device.failed = true;
      }
    }
    const kept = new Set((await device.outbox.all()).map((record) => record.clientId));
    for (const { clientId } of device.sent) {
      const isSafe = logged.has(clientId) || kept.has(clientId) || world.destroyed.has(clientId);
      assert.ok(isSafe, `${clientId} of ${device.me.username} is lost`);
    }
  }
}

/** When it is calm: nobody holds anything of a room that is not theirs to see. */
export async function auditLost(world: World): Promise<void> {
  for (const device of world.devices) {
    for (const room of world.rooms) {
      if (room.admits(device.me)) continue;
      const where = `${device.me.username} without ${room.id}`;
      const store = device.client.room(room.id);
      const { status, room: described, items, unread, mentions, role, typing } = store.get();
      const messages = items.filter(({ kind }) => kind !== "pending");
      assert.deepEqual({ described, messages, unread, mentions, role, typing }, NOTHING, where);
      assert.ok(status === "cold" || status === "gone" || status === "loading", `${where} is ${status}`);
      assert.equal(device.client.rooms.find(room.id), undefined, where);
      const [members, bans, pins] = [store.members.get().members, store.bans.get().banned, store.pins.get().messages];
      assert.deepEqual([members, bans, pins], [[], [], []], where);
      for (const { replyTo } of (await device.outbox.all()).filter((record) => record.room === room.id)) {
        assert.ok(replyTo === null || replyTo.excerpt === "", `${where} has kept what it answers`);
      }
      const kept = await device.storage.entries();
      assert.ok(!kept.has(`room:${room.id}`), `${where} has kept it`);
      assert.ok(
        !JSON.stringify(kept.get("client") ?? "").includes(`"${room.id}"`),
        `${where} has kept that it is there`,
      );
    }
  }
}

const NOTHING = { described: undefined, messages: [], unread: 0, mentions: 0, role: null, typing: [] };

/** At rest: what every client shows is what the server's database says. */
export function auditRest(world: World): void {
  assert.deepEqual(world.outOfOrder, []);
  for (const device of world.devices) {
    assert.deepEqual(device.client.state, { phase: "open" });
    assert.deepEqual(device.client.outbox.get(), []);
    for (const room of world.rooms) auditRoom(world, device, room);
    auditAsked(world, device);
  }
}

function auditRoom(world: World, device: Device, room: ModelRoom): void {
  const { server, scenario } = world;
  const where = `${room.id} of ${device.me.username}`;
  auditPosted(world, device, room);
  const store = device.client.room(room.id);
  const snapshot = store.get();
  const { role, mutedUntil, unread, mentions, readSeq } = server.state(device.me, room);
  const { title, staffOnly, kind } = room.describe();
  const lastSeq = room.log.length;
  const { items: _, ...facts } = snapshot;
  assert.partialDeepStrictEqual(
    facts,
    { status: "live", lastSeq, room: { title, staffOnly, kind }, role, mutedUntil, unread, mentions, typing: [] },
    where,
  );
  // A lost word about the marker shows only where it changes what is unread.
  if (scenario.lose === 0) assert.equal(snapshot.readSeq, readSeq, where);
  const truth = server.messagesOf(room, device.me);
  auditItems(device, snapshot, truth, (shown, message) => isDeepStrictEqual(inOrder(shown), inOrder(message)));
  const last = snapshot.items.findLast((item) => item.kind === "message");
  assert.equal(last?.kind === "message" ? last.message.id : undefined, truth.at(-1)?.id, `${where} misses the end`);
  const entry = device.client.rooms.entry(room.id).get();
  assert.partialDeepStrictEqual(entry, { unread, mentions, title, kind, role, mutedUntil, lastSeq }, where);
  if (!device.watched.has(room.id)) return;
  const members = room.memberList().map(({ since: _, ...member }) => member);
  const listed = store.members.get();
  assert.deepEqual(
    { ...listed, members: listed.members.map(({ since: _, ...member }) => member) },
    { status: "live", members, count: members.length },
    `members in ${where}`,
  );
  const banned = room.banList().map(({ at: _, ...ban }) => ban);
  const bans = store.bans.get();
  assert.deepEqual(
    { ...bans, banned: bans.banned.map(({ at: _, ...ban }) => ban) },
    { status: "live", banned, count: banned.length },
    `bans in ${where}`,
  );
  const pins = store.pins.get();
  assert.deepEqual(
    { ...pins, messages: pins.messages.map(inOrder) },
    { status: "live", messages: room.pins(device.me.id).map(inOrder) },
    `pins in ${where}`,
  );
}

/** What was sent is in the log once, and in the order it was written in, unless a person had to press retry. */
function auditPosted({ server, destroyed }: World, device: Device, room: ModelRoom): void {
  const mine = device.sent.filter((sent) => sent.room === room.id && !destroyed.has(sent.clientId));
  const sent = mine.map(({ clientId }) => clientId);
  const log = server.messagesOf(room).map(({ clientId }) => clientId);
  const posted = log.filter((id) => sent.includes(id));
  if (device.failed) assert.deepEqual([...posted].sort(), [...sent].sort());
  else assert.deepEqual(posted, sent);
}

/** Whatever was asked is answered, and what was acknowledged has happened. */
function auditAsked({ rooms, isRestored }: World, device: Device): void {
  for (const { room: id, message, body, state } of device.asked) {
    assert.notEqual(state, "asked", `${device.me.username} waits for an answer about ${message}`);
    if (state !== "done" || isRestored) continue;
    const log = rooms.find((room) => room.id === id)?.log ?? [];
    const happened = log.some((event) =>
      body === undefined ? event.on === "message.deleted" && event.message === message : says(event, message, body),
    );
    assert.ok(happened, `${message} of ${id} was said to be changed, and is not`);
  }
}

function says(event: LogEvent, message: string, body: string): boolean {
  return event.on === "message.edited" && event.message.id === message && event.message.body === body;
}

/** What is seen to be deleted stays so. */
function auditDeleted(device: Device, snapshot: RoomSnapshot): void {
  for (const item of snapshot.items) {
    if (item.kind !== "message") continue;
    const { id, deletedAt, body } = item.message;
    if (deletedAt !== null) device.seenDeleted.add(id);
    if (device.seenDeleted.has(id)) assert.equal(body, "", `${id} of ${device.me.username} is back`);
  }
}

type Holds = (shown: Message, message: Message) => boolean;

/** Every stretch between two gaps is exactly a stretch of the log. */
function auditItems(device: Device, snapshot: RoomSnapshot, log: readonly Message[], holds: Holds): void {
  const where = `${snapshot.id} of ${device.me.username}`;
  let previous = -1;
  let gap = snapshot.hasBefore;
  let seq = 0;
  const keys = new Set<string>();
  for (const item of snapshot.items) {
    assert.ok(!keys.has(item.key), `${where} shows ${item.key} twice`);
    keys.add(item.key);
    if (item.kind === "gap") {
      assert.ok(item.before > item.after + 1, `${where} has a gap that holds nothing`);
      gap = true;
    } else if (item.kind === "event") {
      assert.ok(item.event.seq > seq, `${where} shows ${item.event.on} out of order`);
      seq = item.event.seq;
    } else if (item.kind === "message") {
      const index = log.findIndex((m) => m.seq === item.message.seq);
      const message = log[index];
      assert.ok(message !== undefined && holds(item.message, message), wrong(where, item.message, message));
      assert.equal(item.own, item.message.author?.id === device.me.id, `${where} mistakes whose it is`);
      assert.ok(index > previous && item.message.seq > seq, `${where} is out of order`);
      assert.ok(index === previous + 1 || gap, `${where} misses something before ${item.message.seq}`);
      previous = index;
      seq = item.message.seq;
      gap = false;
    }
  }
}

function wrong(where: string, shown: Message, message: Message | undefined): string {
  return `${where} shows ${JSON.stringify(shown)}\nand the database has ${JSON.stringify(message)}`;
}

/** Whether the message ever was as it is shown: of what happens at the same moment a client knows a part only. */
function wasTrue(room: ModelRoom): Holds {
  const bodies = new Map<string, Set<string>>();
  for (const event of room.log) {
    if (event.on !== "message.posted" && event.on !== "message.edited") continue;
    const { id, body } = event.message;
    bodies.set(id, (bodies.get(id) ?? new Set([""])).add(body));
  }
  return (shown, { id, deletedAt }) =>
    shown.id === id &&
    (bodies.get(id)?.has(shown.body) ?? false) &&
    (shown.body !== "" || shown.deletedAt !== null) &&
    (shown.deletedAt === null || deletedAt !== null);
}

/** The order of the emoji is not told by the log: whoever reads a page and whoever hears events may have another one. */
function inOrder(message: Message): Message {
  return { ...message, reactions: [...message.reactions].sort((a, b) => (a.emoji < b.emoji ? -1 : 1)) };
}
