import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { StoreChange } from "../../src/store/store.ts";
import { type Child, childFor, startChild } from "./child-process.ts";
import { ALICE, BOB, post, posted, roomIn, tempFile, until } from "./temp-store.ts";
import { expectWholeLog } from "./whole-log.ts";

let folder: string;
let store: Database;
let child: Child;
/** What the feed here told of the other process in this test. */
const heard: StoreChange[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-processes-"));
  const file = join(folder, "chat.db");
  store = await openSqliteStore({ file, pollIntervalMs: 20 });
  child = await startChild(file);
  store.changes.onChange((change) => heard.push(change));
});

beforeEach(() => {
  heard.length = 0;
});

afterAll(async () => {
  await child.kill();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function createdThere(title: string): Promise<string> {
  const { room } = (await child.call("rooms.create", { title, by: null })) as { room: { id: string } };
  return room.id;
}

test("processes that make a database at the same time agree on one", async () => {
  const file = await tempFile();
  const children = await Promise.all([childFor(file), childFor(file), childFor(file)]);
  expect(new Set(children.map(({ epoch }) => epoch)).size).toBe(1);
});

test("two processes that post to one room share its log without gap", async () => {
  const room = await roomIn(store);
  child.flood(room, "other");
  const mine = [];
  for (let i = 0; i < 20; i += 1) {
    const posted = await Promise.all(Array.from({ length: 10 }, () => post(store, room)));
    for (const answer of posted) {
      if (answer.outcome !== "appended") throw new Error(`expected appended, got ${answer.outcome}`);
      mine.push({ clientId: answer.message.clientId, seq: answer.message.seq });
    }
  }
  await until(() => child.acknowledged.length >= 100);
  await child.stop();
  expect(child.refused).toEqual([]);
  await until(async () => {
    const last = Math.max(...child.acknowledged.map(({ seq }) => seq));
    return ((await store.rooms.find(room))?.lastSeq ?? 0) >= last;
  });
  await expectWholeLog(store, room, [...mine, ...child.acknowledged]);
});

test("of all processes that ask to tell an event of a log, one is told to", async () => {
  const room = await roomIn(store);
  const ask = (seq: number) => [
    store.changes.claim({ room, seq }),
    child.call("changes.claim", { room, seq }),
    store.changes.claim({ room, seq }),
  ];
  for (const seq of [1, 2, 3, 4, 5]) {
    const answers = await Promise.all(ask(seq));
    expect(answers.filter((mine) => mine === true)).toHaveLength(1);
    expect(await Promise.all(ask(seq))).toEqual([false, false, false]);
  }
});

test("rooms that another process makes, changes and deletes are followed", async () => {
  const room = await createdThere("Theirs");
  await until(() => heard.some(({ kind }) => kind === "room"));
  expect(await store.rooms.find(room)).toMatchObject({ id: room, title: "Theirs" });
  expect(heard).toEqual([
    { kind: "log", room, seq: 1 },
    { kind: "room", room },
  ]);

  heard.length = 0;
  await child.call("rooms.change", { room, changes: { staffOnly: true, title: "Changed" }, by: null });
  await until(() => heard.length >= 2);
  expect(heard).toEqual([
    { kind: "log", room, seq: 2 },
    { kind: "room", room },
  ]);
  expect(await store.rooms.find(room)).toMatchObject({
    title: "Changed",
    staffOnly: true,
    accessVersion: 2,
    lastSeq: 2,
  });

  heard.length = 0;
  await child.call("rooms.delete", { room, by: null });
  await until(() => heard.length >= 1);
  expect(heard).toEqual([{ kind: "room", room }]);
  expect(await store.rooms.find(room)).toBeUndefined();
});

test("of another process's messages only notices are told, but the room's seq is known", async () => {
  const room = await createdThere("Theirs");
  const message = { room, accessVersion: 1, author: ALICE, clientId: "a", kind: "message", body: "hello" };
  await child.call("messages.append", message);
  await until(async () => (await store.rooms.find(room))?.lastSeq === 2);
  await child.call("messages.append", { ...message, author: null, clientId: "b", kind: "warning" });
  await until(async () => (await store.rooms.find(room))?.lastSeq === 3);
  expect(heard.filter(({ kind }) => kind === "log")).toEqual([
    { kind: "log", room, seq: 1 },
    { kind: "log", room, seq: 3 },
  ]);
});

test("who may enter a private room is known here soon after another process has changed it", async () => {
  const { room } = (await child.call("rooms.create", { title: "Private", private: true, by: ALICE })) as {
    room: { id: string };
  };
  await until(async () => (await store.rooms.find(room.id))?.members?.has(ALICE.id) === true);
  await child.call("members.add", { room: room.id, user: BOB, role: "moderator", by: ALICE });
  await until(async () => (await store.rooms.find(room.id))?.members?.has(BOB.id) === true);
  expect((await store.rooms.find(room.id))?.roles.get(BOB.id)).toBe("moderator");
  heard.length = 0;
  await child.call("members.remove", { room: room.id, user: BOB, ban: true, by: ALICE });
  await until(() => heard.length >= 2);
  expect(heard).toEqual([
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

test("two processes that open the same direct conversation at once open one", async () => {
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

test("two processes that react to one message at once count everybody", async () => {
  const room = await roomIn(store);
  const message = await posted(store, room);
  const where = { room, accessVersion: 1, message: message.id };
  const people = Array.from({ length: 40 }, (_, i) => ({ id: `p${i}`, username: `p${i}` }));
  await Promise.all(
    people.map((by, i) =>
      i % 2
        ? store.messages.setReaction({ ref: where, emoji: "👍", present: true, by })
        : child.call("messages.setReaction", { ref: where, emoji: "👍", present: true, by }),
    ),
  );
  const [reaction] = (await store.messages.find({ room, message: message.id }))?.reactions ?? [];
  expect(reaction).toMatchObject({ count: 40 });
  expect(new Set(reaction?.users)).toEqual(new Set(people.map(({ id }) => id)));
  expect((await store.eventLog.readSince({ room, since: 0, limit: 100 }))?.length).toBe(42);
});

test("people, sessions and settings that another process changes are told, also to the accounts", async () => {
  const toAccounts: [StoreChange, boolean][] = [];
  const stop = store.people.onChange((change, own) => toAccounts.push([change, own]));
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
  await until(() => heard.length >= 3);
  expect(heard).toEqual([{ kind: "user", user: "p1" }, { kind: "user", user: "p1" }, { kind: "settings" }]);
  expect(toAccounts).toEqual([
    [{ kind: "user", user: "p1" }, false],
    [{ kind: "user", user: "p1" }, false],
  ]);
  stop();
});

test("what this process changes is not told to it, and a listener that stopped hears no more", async () => {
  const mine = await roomIn(store, "Mine");
  const late: StoreChange[] = [];
  store.changes.onChange((change) => late.push(change))();
  const theirs = await createdThere("Theirs");
  await until(() => heard.length >= 2);
  expect(heard.some((change) => change.kind === "room" && change.room === mine)).toBe(false);
  expect(heard.at(-1)).toEqual({ kind: "room", room: theirs });
  expect(late).toEqual([]);
});
