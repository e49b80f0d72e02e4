import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { StoreChange } from "../../../src/store/store.ts";
import { type Child, childFor, startChild } from "../support/child-process.ts";
import { ALICE, BOB, post, posted, roomIn, tempFile, until } from "../support/temp-store.ts";
import { expectWholeLog } from "../support/whole-log.ts";

let folder: string;
let store: Database;
let child: Child;
/** The changes of the child that the store has notified of in this test. */
const changes: StoreChange[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-processes-"));
  const file = join(folder, "chat.db");
  store = await openSqliteStore({ file, pollIntervalMs: 20 });
  child = await startChild(file);
  store.changes.onChange((change) => changes.push(change));
});

beforeEach(() => {
  changes.length = 0;
});

afterAll(async () => {
  await child.kill();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function createInChild(title: string): Promise<string> {
  const { room } = (await child.call("rooms.create", { title, by: null })) as { room: { id: string } };
  return room.id;
}

test("processes that create a database at the same time share one", async () => {
  const file = await tempFile();
  const children = await Promise.all([childFor(file), childFor(file), childFor(file)]);
  expect(new Set(children.map(({ epoch }) => epoch)).size).toBe(1);
});

test("two processes that post to a room share its log without gaps", async () => {
  const room = await roomIn(store);
  child.flood(room, "other");
  const acknowledged = [];
  for (let i = 0; i < 20; i += 1) {
    const posted = await Promise.all(Array.from({ length: 10 }, () => post(store, room)));
    for (const answer of posted) {
      if (answer.outcome !== "appended") throw new Error(`expected appended, got ${answer.outcome}`);
      acknowledged.push({ clientId: answer.message.clientId, seq: answer.message.seq });
    }
  }
  await until(() => child.acknowledged.length >= 100);
  await child.stop();
  expect(child.refused).toEqual([]);
  await until(async () => {
    const last = Math.max(...child.acknowledged.map(({ seq }) => seq));
    return ((await store.rooms.find(room))?.lastSeq ?? 0) >= last;
  });
  await expectWholeLog(store, room, [...acknowledged, ...child.acknowledged]);
});

test("an event can be claimed once by all processes", async () => {
  const room = await roomIn(store);
  const claim = (seq: number) => [
    store.changes.claim({ room, seq }),
    child.call("changes.claim", { room, seq }),
    store.changes.claim({ room, seq }),
  ];
  for (const seq of [1, 2, 3, 4, 5]) {
    const claims = await Promise.all(claim(seq));
    expect(claims.filter((isClaimed) => isClaimed === true)).toHaveLength(1);
    expect(await Promise.all(claim(seq))).toEqual([false, false, false]);
  }
});

test("notifies of rooms that another process creates, changes and deletes", async () => {
  const room = await createInChild("Of the child");
  await until(() => changes.some(({ kind }) => kind === "room"));
  expect(await store.rooms.find(room)).toMatchObject({ id: room, title: "Of the child" });
  expect(changes).toEqual([
    { kind: "log", room, seq: 1 },
    { kind: "room", room },
  ]);

  changes.length = 0;
  await child.call("rooms.change", { room, changes: { staffOnly: true, title: "Changed" }, by: null });
  await until(() => changes.length >= 2);
  expect(changes).toEqual([
    { kind: "log", room, seq: 2 },
    { kind: "room", room },
  ]);
  expect(await store.rooms.find(room)).toMatchObject({
    title: "Changed",
    staffOnly: true,
    accessVersion: 2,
    lastSeq: 2,
  });

  changes.length = 0;
  await child.call("rooms.delete", { room, by: null });
  await until(() => changes.length >= 1);
  expect(changes).toEqual([{ kind: "room", room }]);
  expect(await store.rooms.find(room)).toBeUndefined();
});

test("of another process's messages only notices are notified, but the room's seq follows all", async () => {
  const room = await createInChild("Of the child");
  const message = { room, accessVersion: 1, author: ALICE, clientId: "a", kind: "message", body: "hello" };
  await child.call("messages.append", message);
  await until(async () => (await store.rooms.find(room))?.lastSeq === 2);
  await child.call("messages.append", { ...message, author: null, clientId: "b", kind: "warning" });
  await until(async () => (await store.rooms.find(room))?.lastSeq === 3);
  expect(changes.filter(({ kind }) => kind === "log")).toEqual([
    { kind: "log", room, seq: 1 },
    { kind: "log", room, seq: 3 },
  ]);
});

test("caches the members of a private room that another process changes", async () => {
  const { room } = (await child.call("rooms.create", { title: "Private", private: true, by: ALICE })) as {
    room: { id: string };
  };
  await until(async () => (await store.rooms.find(room.id))?.members?.has(ALICE.id) === true);
  await child.call("members.add", { room: room.id, user: BOB, role: "moderator", by: ALICE });
  await until(async () => (await store.rooms.find(room.id))?.members?.has(BOB.id) === true);
  expect((await store.rooms.find(room.id))?.roles.get(BOB.id)).toBe("moderator");
  changes.length = 0;
  await child.call("members.remove", { room: room.id, user: BOB, ban: true, by: ALICE });
  await until(() => changes.length >= 2);
  expect(changes).toEqual([
    { kind: "log", room: room.id, seq: 4 },
    { kind: "member", room: room.id, user: BOB.id },
  ]);
  expect(await store.rooms.find(room.id)).toMatchObject({
    accessVersion: 2,
    members: new Set([ALICE.id]),
    banned: new Set([BOB.id]),
    roles: new Map([[ALICE.id, "owner"]]),
  });
});

test("two processes that open the same direct conversation at once share one", async () => {
  for (let i = 0; i < 10; i += 1) {
    const [one, other] = [
      { id: `one${i}`, username: "one" },
      { id: `other${i}`, username: "other" },
    ];
    const opened = await Promise.all([
      store.rooms.openDirect({ by: one, other }),
      child.call("rooms.openDirect", { by: other, other: one }) as ReturnType<typeof store.rooms.openDirect>,
    ]);
    expect(opened[0].room.id).toBe(opened[1].room.id);
    expect(opened.map(({ events }) => events.length).sort()).toEqual([0, 3]);
  }
});

test("counts the concurrent reactions of two processes", async () => {
  const room = await roomIn(store);
  const message = await posted(store, room);
  const ref = { room, accessVersion: 1, message: message.id };
  const people = Array.from({ length: 40 }, (_, i) => ({ id: `p${i}`, username: `p${i}` }));
  await Promise.all(
    people.map((by, i) =>
      i % 2
        ? store.messages.setReaction({ ref, emoji: "👍", present: true, by })
        : child.call("messages.setReaction", { ref, emoji: "👍", present: true, by }),
    ),
  );
  const [reaction] = (await store.messages.find({ room, message: message.id }))?.reactions ?? [];
  expect(reaction).toMatchObject({ count: 40 });
  expect(new Set(reaction?.users)).toEqual(new Set(people.map(({ id }) => id)));
  expect((await store.eventLog.readSince({ room, since: 0, limit: 100 }))?.length).toBe(42);
});

test("notifies of people and settings that another process changes, also the accounts", async () => {
  const accountChanges: [StoreChange, boolean][] = [];
  const stop = store.people.onChange((change, { isOwn }) => accountChanges.push([change, isOwn]));
  const person = {
    id: "p1",
    username: "pia",
    email: "pia@example.org",
    password: "hash",
    staff: true,
    superuser: false,
  };
  await child.call("people.create", person);
  await child.call("people.change", { id: "p1", changes: { staff: false } });
  await child.call("settings.update", { roomCreators: "everybody" });
  await until(() => changes.length >= 3);
  expect(changes).toEqual([{ kind: "user", user: "p1" }, { kind: "user", user: "p1" }, { kind: "settings" }]);
  expect(accountChanges).toEqual([
    [{ kind: "user", user: "p1" }, false],
    [{ kind: "user", user: "p1" }, false],
  ]);
  stop();
});

test("does not notify of own changes, nor a listener that was removed", async () => {
  const own = await roomIn(store, "Own");
  const unexpected: StoreChange[] = [];
  store.changes.onChange((change) => unexpected.push(change))();
  const room = await createInChild("Of the child");
  await until(() => changes.length >= 2);
  expect(changes.some((change) => change.kind === "room" && change.room === own)).toBe(false);
  expect(changes.at(-1)).toEqual({ kind: "room", room });
  expect(unexpected).toEqual([]);
});
