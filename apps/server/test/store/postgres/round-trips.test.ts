import { expect, onTestFinished, test } from "vitest";
import { openPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { ChatStore } from "../../../src/store/store.ts";
import { CutProxy } from "../support/cut-proxy.ts";
import { POSTGRES, postgresUrl } from "../support/postgres-database.ts";
import { ALICE, newPlace, openStore, post, roomIn } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";

chooseDatabase(POSTGRES);

const COUNT = 100;
const USERS = Array.from({ length: COUNT }, (_, i) => ({ id: `user-${i}`, username: `user${i}` }));

/** A store whose database is some milliseconds away once its turns are counted. */
async function openFarStore() {
  const place = await newPlace();
  const proxy = await CutProxy.start(new URL(postgresUrl()));
  onTestFinished(() => proxy.stop());
  const store = await openPostgresStore({ url: proxy.through(place), pollIntervalMs: 60_000 });
  onTestFinished(() => store.close());
  const room = await roomIn(store);
  const posted = await Promise.all(USERS.map((user) => post(store, room, "hello", user)));
  const messages = posted.map((each) => ("message" in each ? each.message.id : ""));
  const countTurns = async (call: () => Promise<unknown>): Promise<number> => {
    proxy.delay(5);
    const before = proxy.turns;
    await call();
    return proxy.turns - before;
  };
  return { store, room, messages, countTurns, place };
}

function react(store: ChatStore, room: string, message: string, by: { id: string; username: string }) {
  return store.messages.setReaction({ ref: { room, accessVersion: 1, message }, emoji: "👍", present: true, by });
}

test("writes that come together share the round trips to the database", async () => {
  const { store, room, messages, countTurns } = await openFarStore();
  const each = <Result>(call: (user: (typeof USERS)[number], message: string) => Promise<Result>, count = COUNT) =>
    countTurns(() => Promise.all(USERS.slice(0, count).map((user, index) => call(user, messages[index] ?? ""))));
  expect(await each((user) => store.markers.move({ user: user.id, room, seq: 50 }))).toBeLessThan(COUNT);
  const slow = { room, accessVersion: 1, kind: "message", body: "slow", slowModeSeconds: 5 } as const;
  expect(await each((author, clientId) => store.messages.append({ ...slow, author, clientId }))).toBeLessThan(COUNT);
});

test.for([
  ["reactions", ["react"]],
  ["reactions that users change again and again", ["react", "remove"]],
  ["edits", ["edit"]],
  ["deletions", ["delete"]],
  ["changes of all kinds, with posts between them", ["react", "post", "edit", "delete"]],
] as const)("%s take less than one round trip each with 50 under way", async ([, kinds]) => {
  const { store, room, messages, countTurns } = await openFarStore();
  const count = 50;
  const changes = Array.from({ length: count }, (_, index) => {
    const user = USERS[index % 25] ?? ALICE;
    const message = messages[index] ?? "";
    const ref = { room, accessVersion: 1, message };
    const kind = kinds[index % kinds.length];
    return async () => {
      switch (kind) {
        case "react":
          return react(store, room, message, user);
        case "remove":
          return store.messages.setReaction({ ref, emoji: "👍", present: false, by: user });
        case "edit":
          return store.messages.edit({ ref, body: "edited", canMentionAll: false, by: user });
        case "delete":
          return store.messages.delete({ ref, by: user });
        default:
          return post(store, room, "between", user);
      }
    };
  });
  const turns = await countTurns(() => Promise.all(changes.map((change) => change())));
  expect(turns).toBeLessThan(count);
});

test("reads that come together share the round trips to the database", async () => {
  const { store, room, messages, countTurns } = await openFarStore();
  const find = (message: string) => store.messages.find({ room, message, viewer: "user-1" });
  // Each of the connections is open then.
  await Promise.all(messages.map(find));
  expect(await countTurns(() => Promise.all(messages.map(find)))).toBeLessThan(COUNT / 2);
});

test("the unread counts of many rooms take a few round trips", async () => {
  const { store, countTurns } = await openFarStore();
  const rooms = await Promise.all(USERS.map(({ id }) => roomIn(store, id)));
  await Promise.all(rooms.map((room) => post(store, room)));
  expect(await countTurns(() => store.markers.getMany({ user: "user-1", rooms }))).toBeLessThan(COUNT / 2);
});

test("changes of messages at the same time are all counted, and one that fails affects no other", async () => {
  const place = await newPlace();
  const store = await openStore({ place });
  const room = await roomIn(store);
  const posted = await Promise.all(Array.from({ length: 5 }, () => post(store, room)));
  const messages = posted.map((each) => ("message" in each ? each.message.id : ""));
  const first = (await store.rooms.find(room))?.lastSeq ?? 0;
  await POSTGRES.failInserts(place, { table: "reaction", where: `new."user" = 'user-7'` });
  const users = USERS.slice(0, 20);
  const reacted = await Promise.allSettled(
    users.flatMap((user) => messages.map((message) => react(store, room, message, user))),
  );
  const edit = (message: string) =>
    store.messages.edit({ ref: { room, accessVersion: 1, message }, body: "edited", canMentionAll: false, by: ALICE });
  await Promise.all(messages.map(edit));
  expect(reacted.filter(({ status }) => status === "rejected")).toHaveLength(messages.length);
  for (const message of messages) {
    const found = await store.messages.find({ room, message, viewer: "user-7" });
    expect(found).toMatchObject({ body: "edited", reactions: [{ count: users.length - 1, mine: false }] });
  }
  const events = await store.eventLog.readSince({ room, since: first, limit: 1_000 });
  const count = (users.length - 1) * messages.length + messages.length;
  expect(events?.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, i) => first + i + 1));
  expect((await store.rooms.find(room))?.lastSeq).toBe(first + count);
  // What an event says is what the log has come to.
  const last = new Map(
    events?.flatMap((event) => (event.on === "reaction.added" ? [[event.message, event.count]] : [])),
  );
  expect([...last.values()]).toEqual(messages.map(() => users.length - 1));
});

test("an author who posts twice at once in slow mode has to wait once", async () => {
  const store = await openStore();
  const room = await roomIn(store);
  const slow = { room, accessVersion: 1, author: ALICE, kind: "message", body: "x", slowModeSeconds: 5 } as const;
  const appended = await Promise.all(["1", "2"].map((clientId) => store.messages.append({ ...slow, clientId })));
  expect(appended.map(({ outcome }) => outcome)).toEqual(["appended", "slow"]);
  expect(await store.messages.append({ ...slow, clientId: "1" })).toMatchObject({ outcome: "repeated" });
  expect(await store.messages.append({ ...slow, clientId: "3" })).toMatchObject({ outcome: "slow" });
});
