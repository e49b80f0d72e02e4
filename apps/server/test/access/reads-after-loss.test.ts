import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../src/accounts/accounts.ts";
import { listBans, listMembers } from "../../src/members/index.ts";
import { listPins, readHistoryJson, readVersions } from "../../src/messages/index.ts";
import { readHistory } from "../../src/messages/read-history.ts";
import { findPeople } from "../../src/people/index.ts";
import { listPresences } from "../../src/presence/index.ts";
import { listRooms, listRoomsJson, markRead } from "../../src/rooms/index.ts";
import { searchMessages } from "../../src/search/index.ts";
import { changeSettings } from "../../src/settings/index.ts";
import { until } from "../store/support/temp-store.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

type FixtureContext = CommandFixture["context"];

let fixture: CommandFixture;
let alice: Actor;
let bob: Actor;
beforeAll(async () => {
  fixture = await openCommandFixture();
  [alice, bob] = [await fixture.actor("alice"), await fixture.actor("bob")];
  await changeSettings(fixture.context, await fixture.actor("admin"), { historyReaders: "everybody" });
});
afterAll(async () => {
  await fixture.close();
});

/** Returns the object with a method that first waits until something else is done, as a read waits in a busy database. */
function after<T extends object>(object: T, name: keyof T & string, first: () => Promise<unknown>): T {
  const method = object[name];
  if (typeof method !== "function") throw new Error(`expected ${name} to be a method`);
  const value = async (...args: unknown[]): Promise<unknown> => {
    await first();
    return method.apply(object, args);
  };
  return Object.create(object, { [name]: { value } }) as T;
}

/** Makes a read of the context wait. */
type Delay = (context: FixtureContext, first: () => Promise<unknown>) => FixtureContext;

function inStore<Noun extends "messages" | "members" | "markers" | "search">(
  noun: Noun,
  name: keyof FixtureContext["store"][Noun] & string,
): Delay {
  return (context, first) => {
    const operations = { value: after(context.store[noun], name, first) };
    return { ...context, store: Object.create(context.store, { [noun]: operations }) };
  };
}

interface Read {
  readonly name: string;
  readonly delay: Delay;
  readonly run: (context: FixtureContext, room: string, message: string) => Promise<unknown>;
}

const READS: readonly Read[] = [
  {
    name: "a page of history",
    delay: inStore("messages", "readHistory"),
    run: (context, room) => readHistory(context, bob, { room }),
  },
  {
    name: "a page of history as JSON",
    delay: inStore("messages", "readHistoryJson"),
    run: (context, room) => readHistoryJson(context, bob, { room }),
  },
  {
    name: "pins",
    delay: inStore("messages", "listPinnedJson"),
    run: (context, room) => listPins(context, bob, { room }),
  },
  {
    name: "versions",
    delay: inStore("messages", "listVersions"),
    run: (context, room, message) => readVersions(context, bob, { room, message }),
  },
  {
    name: "members",
    delay: inStore("members", "list"),
    run: (context, room) => listMembers(context, bob, { room }),
  },
  {
    name: "bans",
    delay: inStore("members", "listBans"),
    run: (context, room) => listBans(context, bob, { room }),
  },
  {
    name: "the read marker",
    delay: inStore("markers", "move"),
    run: (context, room) => markRead(context, bob, { room, seq: 1 }),
  },
  {
    name: "people of a room",
    delay: (context, first) => ({ ...context, accounts: after(context.accounts, "findByUsernamePrefix", first) }),
    run: (context, room) => findPeople(context, bob, { query: "", room }),
  },
];

async function createRoom(): Promise<{ room: string; message: string }> {
  const { store } = fixture.context;
  const by = { id: alice.id, username: "alice" };
  const { room } = await store.rooms.create({ title: "Private", private: true, by });
  await store.members.add({ room: room.id, user: { id: bob.id, username: "bob" }, role: "moderator", by });
  const posted = await store.messages.append({
    room: room.id,
    accessVersion: (await store.rooms.find(room.id))?.accessVersion ?? 0,
    author: by,
    clientId: room.id,
    kind: "message",
    body: "confidential",
    mentionCandidates: [],
  });
  if (posted.outcome !== "appended") throw new Error(`expected appended, got ${posted.outcome}`);
  return { room: room.id, message: posted.message.id };
}

const removeBob = (room: string) => () =>
  fixture.context.store.members.remove({ room, user: { id: bob.id, username: "bob" }, by: null });

test.each(READS)("$name: nothing is answered after the room was lost during the read", async ({ delay, run }) => {
  const { room, message } = await createRoom();
  await fixture.subscribe(`user.${bob.id}`);
  expect(await run(fixture.context, room, message), "premise: it is visible").toBeDefined();
  await fixture.takeMessages();
  await expect(run(delay(fixture.context, removeBob(room)), room, message)).rejects.toMatchObject({
    code: "ROOM_INVALID",
  });
  expect(await fixture.takeMessages(), "nothing is published").toEqual([]);
});

test("bans: nothing is answered after the role was lost during the read", async () => {
  const { room } = await createRoom();
  const { store } = fixture.context;
  const context = inStore("members", "listBans")(fixture.context, () =>
    store.members.change({ room, user: bob.id, changes: { role: "member" }, by: null }),
  );
  await expect(listBans(context, bob, { room })).rejects.toMatchObject({ code: "ROOM_ACCESS_DENIED" });
});

test("lists of rooms leave out a room that was lost during the read", async () => {
  const { room } = await createRoom();
  const context = inStore("markers", "getMany")(fixture.context, removeBob(room));
  const ids = (await listRooms(context, bob)).map(({ id }) => id);
  expect(ids).not.toContain(room);
  expect(ids.length).toBeGreaterThan(0);
  const other = await createRoom();
  const json = await listRoomsJson(inStore("markers", "getMany")(fixture.context, removeBob(other.room)), bob);
  expect(JSON.parse(json.text)).toHaveLength(ids.length);
});

test("a search leaves out a room that was lost during it", async () => {
  const { room } = await createRoom();
  const { store } = fixture.context;
  await until(async () => !(await store.search.hasUnindexed()));
  const find = (context: FixtureContext) => searchMessages(context, bob, { query: `confidential in:${room}` });
  expect((await find(fixture.context)).found).toMatchObject([{ room: { id: room } }]);
  expect((await find(inStore("search", "find")(fixture.context, removeBob(room)))).found).toEqual([]);
});

test("presences of those who shared only a room that was lost during the read are left out", async () => {
  const staffFixture = await openCommandFixture();
  try {
    const { context } = staffFixture;
    const { store, accounts, presence } = context;
    const [admin, sara] = [await staffFixture.actor("admin"), await staffFixture.actor("sara")];
    const [shared, ...others] = [...(await store.rooms.list())].sort(
      (a, b) => Number(b.staffOnly) - Number(a.staffOnly),
    );
    if (shared?.staffOnly !== true) throw new Error("expected a staff-only room");
    for (const { id } of others) await store.rooms.delete({ room: id, by: null });
    await presence.connect(sara.id, "sara's channel");
    const read = (by: typeof context) => listPresences(by, admin, { users: [sara.id, admin.id, "nobody"] });
    expect(
      (await read(context)).map(({ user }) => user),
      "premise: they share it",
    ).toEqual([sara.id]);
    const loseRoom = () => store.rooms.delete({ room: shared.id, by: null });
    expect(await read({ ...context, accounts: after(accounts, "find", loseRoom) })).toEqual([]);
  } finally {
    await staffFixture.close();
  }
});
