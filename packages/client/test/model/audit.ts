import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { LogEvent, Message } from "@multichat/protocol";
import type { RoomSnapshot } from "../../src/index.ts";
import type { ModelDevice } from "./model-device.ts";
import type { ModelRoom } from "./model-room.ts";
import type { ModelWorld } from "./model-world.ts";

/** At any moment: what is shown is in order and was true at some time, and every sent message is in the log or in the outbox. */
export async function auditStep(world: ModelWorld): Promise<void> {
  const logged = new Set(world.rooms.flatMap((room) => world.server.messagesOf(room).map((m) => m.clientId)));
  for (const device of world.devices) {
    for (const room of world.rooms) {
      const snapshot = device.client.room(room.id).get();
      if (!world.isRestored) {
        auditItems(device, snapshot, world.server.messagesOf(room), wasEverTrue(room));
        auditDeleted(device, snapshot);
      }
      for (const item of snapshot.items) {
        if (item.kind === "pending" && item.pending.state === "failed") device.hasFailed = true;
      }
    }
    const stored = new Set((await device.outbox.all()).map((record) => record.clientId));
    for (const { clientId } of device.sent) {
      const isSafe = logged.has(clientId) || stored.has(clientId) || world.lostInRestore.has(clientId);
      assert.ok(isSafe, `${clientId} of ${device.me.username} is lost`);
    }
  }
}

/** After the faults: no device has anything of a room that its user cannot see. */
export async function auditLostRooms(world: ModelWorld): Promise<void> {
  for (const device of world.devices) {
    for (const room of world.rooms) {
      if (room.isVisibleTo(device.me)) continue;
      const where = `${device.me.username} without ${room.id}`;
      const store = device.client.room(room.id);
      const { status, room: described, items, unread, mentions, role, typing } = store.get();
      const messages = items.filter(({ kind }) => kind !== "pending");
      assert.deepEqual({ described, messages, unread, mentions, role, typing }, NO_CONTENT, where);
      assert.ok(status === "cold" || status === "gone" || status === "loading", `${where} is ${status}`);
      assert.equal(device.client.rooms.find(room.id), undefined, where);
      const [members, bans, pins] = [store.members.get().members, store.bans.get().banned, store.pins.get().messages];
      assert.deepEqual([members, bans, pins], [[], [], []], where);
      for (const { replyTo } of (await device.outbox.all()).filter((record) => record.room === room.id)) {
        assert.ok(replyTo === null || replyTo.excerpt === "", `${where} still stores what it replies to`);
      }
      const stored = await device.storage.entries();
      assert.ok(!stored.has(`room:${room.id}`), `${where} still stores the room`);
      assert.ok(
        !JSON.stringify(stored.get("client") ?? "").includes(`"${room.id}"`),
        `${where} still stores that the room exists`,
      );
    }
  }
}

const NO_CONTENT = { described: undefined, messages: [], unread: 0, mentions: 0, role: null, typing: [] };

/** At rest: every client shows what the server's database contains. */
export function auditAtRest(world: ModelWorld): void {
  assert.deepEqual(world.outOfOrder, []);
  for (const device of world.devices) {
    assert.deepEqual(device.client.state, { phase: "open" });
    assert.deepEqual(device.client.outbox.get(), []);
    for (const room of world.rooms) auditRoom(world, device, room);
    auditRequestedChanges(world, device);
  }
}

function auditRoom(world: ModelWorld, device: ModelDevice, room: ModelRoom): void {
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
  // A lost event about the marker is only detected where it changes the unread counts.
  if (scenario.lossRate === 0) assert.equal(snapshot.readSeq, readSeq, where);
  const expected = server.messagesOf(room, device.me);
  auditItems(device, snapshot, expected, (shown, message) =>
    isDeepStrictEqual(withSortedReactions(shown), withSortedReactions(message)),
  );
  const last = snapshot.items.findLast((item) => item.kind === "message");
  assert.equal(last?.kind === "message" ? last.message.id : undefined, expected.at(-1)?.id, `${where} misses the end`);
  const entry = device.client.rooms.entry(room.id).get();
  assert.partialDeepStrictEqual(entry, { unread, mentions, title, kind, role, mutedUntil, lastSeq }, where);
  if (!device.watchedRooms.has(room.id)) return;
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
    { ...pins, messages: pins.messages.map(withSortedReactions) },
    { status: "live", messages: room.pins(device.me.id).map(withSortedReactions) },
    `pins in ${where}`,
  );
}

/** Every sent message is in the log once, and in the order of sending, unless the user had to retry. */
function auditPosted({ server, lostInRestore: destroyed }: ModelWorld, device: ModelDevice, room: ModelRoom): void {
  const ownSent = device.sent.filter((sent) => sent.room === room.id && !destroyed.has(sent.clientId));
  const sent = ownSent.map(({ clientId }) => clientId);
  const log = server.messagesOf(room).map(({ clientId }) => clientId);
  const posted = log.filter((id) => sent.includes(id));
  if (device.hasFailed) assert.deepEqual([...posted].sort(), [...sent].sort());
  else assert.deepEqual(posted, sent);
}

/** Every request is answered, and every acknowledged change is in the log. */
function auditRequestedChanges({ rooms, isRestored }: ModelWorld, device: ModelDevice): void {
  for (const { room: id, message, body, state } of device.requestedChanges) {
    assert.notEqual(state, "pending", `${device.me.username} waits for an answer about ${message}`);
    if (state !== "done" || isRestored) continue;
    const log = rooms.find((room) => room.id === id)?.log ?? [];
    const isInLog = log.some((event) =>
      body === undefined ? event.on === "message.deleted" && event.message === message : isEdit(event, message, body),
    );
    assert.ok(isInLog, `${message} of ${id} was acknowledged as changed, and is not`);
  }
}

function isEdit(event: LogEvent, message: string, body: string): boolean {
  return event.on === "message.edited" && event.message.id === message && event.message.body === body;
}

/** A message that was shown as deleted stays deleted. */
function auditDeleted(device: ModelDevice, snapshot: RoomSnapshot): void {
  for (const item of snapshot.items) {
    if (item.kind !== "message") continue;
    const { id, deletedAt, body } = item.message;
    if (deletedAt !== null) device.seenDeleted.add(id);
    if (device.seenDeleted.has(id)) assert.equal(body, "", `${id} of ${device.me.username} is back`);
  }
}

type IsConsistent = (shown: Message, message: Message) => boolean;

/** Between two gaps, the items are exactly a part of the log. */
function auditItems(
  device: ModelDevice,
  snapshot: RoomSnapshot,
  log: readonly Message[],
  isConsistent: IsConsistent,
): void {
  const where = `${snapshot.id} of ${device.me.username}`;
  let previous = -1;
  let isAfterGap = snapshot.hasBefore;
  let seq = 0;
  const keys = new Set<string>();
  for (const item of snapshot.items) {
    assert.ok(!keys.has(item.key), `${where} shows ${item.key} twice`);
    keys.add(item.key);
    if (item.kind === "gap") {
      assert.ok(item.before > item.after + 1, `${where} has an empty gap`);
      isAfterGap = true;
    } else if (item.kind === "event") {
      assert.ok(item.event.seq > seq, `${where} shows ${item.event.on} out of order`);
      seq = item.event.seq;
    } else if (item.kind === "message") {
      const index = log.findIndex((m) => m.seq === item.message.seq);
      const message = log[index];
      assert.ok(
        message !== undefined && isConsistent(item.message, message),
        describeDifference(where, item.message, message),
      );
      assert.equal(item.own, item.message.author?.id === device.me.id, `${where} is wrong about the author`);
      assert.ok(index > previous && item.message.seq > seq, `${where} is out of order`);
      assert.ok(index === previous + 1 || isAfterGap, `${where} misses something before ${item.message.seq}`);
      previous = index;
      seq = item.message.seq;
      isAfterGap = false;
    }
  }
}

function describeDifference(where: string, shown: Message, message: Message | undefined): string {
  return `${where} shows ${JSON.stringify(shown)}\nand the database contains ${JSON.stringify(message)}`;
}

/** Whether the message was ever as it is shown: of simultaneous changes a client may know only some. */
function wasEverTrue(room: ModelRoom): IsConsistent {
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

/** The log does not contain the order of the emoji, so a page and the events can lead to different orders. */
function withSortedReactions(message: Message): Message {
  return { ...message, reactions: [...message.reactions].sort((a, b) => (a.emoji < b.emoji ? -1 : 1)) };
}
