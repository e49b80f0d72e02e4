import { expect, test } from "vitest";
import type { ReadContext } from "../../../src/store/database/context.ts";
import { getMarkers } from "../../../src/store/markers/markers.ts";
import { RecentMessages } from "../../../src/store/markers/recent-messages.ts";
import { connect } from "../../../src/store/sqlite/connection.ts";
import type { Database } from "../../../src/store/sqlite/sqlite-store.ts";
import { ALICE, BOB, post, posted, refTo, roomIn, tempFile, tempStore } from "../support/temp-store.ts";

const CAROL = { id: "carol-id", username: "carol" };
const AUTHORS = [ALICE, BOB, CAROL, null] as const;
const READERS = [ALICE.id, BOB.id, "reader-id"];

/** A store, and a second connection to its file that only reads. */
async function openBoth() {
  const file = await tempFile();
  const store = await tempStore({ file });
  const connection = connect({ file, readOnly: true, busyTimeoutMs: 1_000 });
  return { store, connection };
}

/** Compares every reader's counts by what is remembered with those that the database counts. */
async function expectSameCounts(remembering: ReadContext, rooms: readonly string[], reason: string): Promise<void> {
  const { unreadCounter: _, ...counting } = remembering;
  // At the same time, as a connection to Postgres runs them.
  const actual = await Promise.all(READERS.map((user) => getMarkers(remembering, { user, rooms })));
  for (const [index, user] of READERS.entries()) {
    expect(actual[index], `${reason}, for ${user}`).toEqual(await getMarkers(counting, { user, rooms }));
  }
}

/** Numbers that are the same in each run, by the seed (a linear congruential generator). */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

async function changeAtRandom(store: Database, rooms: readonly string[], below: (n: number) => number): Promise<void> {
  const room = rooms[below(rooms.length)] ?? "";
  const author = AUTHORS[below(AUTHORS.length)] ?? null;
  switch (below(9)) {
    case 0: {
      const { messages } = await store.messages.readHistory({ room, limit: 1 + below(100) });
      const [oldest] = messages;
      if (oldest !== undefined) await store.messages.delete({ ref: await refTo(store, oldest), by: author });
      return;
    }
    case 1: {
      const [last] = (await store.messages.readHistory({ room, limit: 1 })).messages;
      if (last === undefined || last.deletedAt !== null) return;
      const ref = await refTo(store, last);
      await store.messages.edit({ ref, body: "@all changed", canMentionAll: true, by: author });
      return;
    }
    case 2:
      await store.markers.move({ user: READERS[below(3)] ?? "", room, seq: below(400) });
      return;
    case 3:
      await store.rooms.change({ room, changes: { topic: `topic ${below(1_000)}` }, by: author });
      return;
    case 4:
      await Promise.all(Array.from({ length: 1 + below(160) }, () => post(store, room, "one of many", author)));
      return;
    case 5: {
      const [last] = (await store.messages.readHistory({ room, limit: 1 })).messages;
      if (last === undefined || last.deletedAt !== null) return;
      await store.messages.setReaction({ ref: await refTo(store, last), emoji: "👍", present: true, by: BOB });
      return;
    }
    default:
      await post(store, room, "a message", author);
  }
}

test.each(Array.from({ length: 10 }, (_, index) => index + 1))(
  "counts the same as the database after any changes (seed %i)",
  async (seed) => {
    const { store, connection } = await openBoth();
    try {
      const below = numbersOf(seed);
      // With room for two, the third one is forgotten again and again.
      const remembering = { ...connection, unreadCounter: new RecentMessages({ maxRooms: 2 }) };
      const rooms = [await roomIn(store, "One"), await roomIn(store, "Two"), await roomIn(store, "Three")];
      for (let step = 0; step < 12; step += 1) {
        await changeAtRandom(store, rooms, below);
        await expectSameCounts(remembering, rooms, `seed ${seed}, step ${step}`);
      }
    } finally {
      connection.raw.close();
    }
  },
);

test("lets the database count where the remembered messages are the reader's own", async () => {
  const { store, connection } = await openBoth();
  try {
    const remembering = { ...connection, unreadCounter: new RecentMessages() };
    const room = await roomIn(store);
    await Promise.all(Array.from({ length: 30 }, () => post(store, room, "theirs", BOB)));
    await Promise.all(Array.from({ length: 200 }, () => post(store, room, "mine", ALICE)));
    const states = await getMarkers(remembering, { user: ALICE.id, rooms: [room] });
    expect(states.get(room)).toMatchObject({ state: { unread: 30 } });
    await expectSameCounts(remembering, [room], "a room full of own messages");
  } finally {
    connection.raw.close();
  }
});

test("a deleted message is not counted any more, also one of before the room was first read", async () => {
  const { store, connection } = await openBoth();
  try {
    const remembering = { ...connection, unreadCounter: new RecentMessages() };
    const room = await roomIn(store);
    const first = await posted(store, room, "first", BOB);
    await posted(store, room, "second", BOB);
    const unread = async () =>
      (await getMarkers(remembering, { user: ALICE.id, rooms: [room] })).get(room)?.state.unread;
    expect(await unread()).toBe(2);
    await store.messages.delete({ ref: await refTo(store, first), by: BOB });
    expect(await unread()).toBe(1);
    await posted(store, room, "third", BOB);
    expect(await unread()).toBe(2);
  } finally {
    connection.raw.close();
  }
});

test("counts the same in many more rooms than it reads for one list", async () => {
  const { store, connection } = await openBoth();
  try {
    const remembering = { ...connection, unreadCounter: new RecentMessages() };
    const rooms = await Promise.all(Array.from({ length: 130 }, (_, index) => roomIn(store, `Room ${index}`)));
    await Promise.all(rooms.map((room, index) => post(store, room, "hello", AUTHORS[index % AUTHORS.length] ?? null)));
    for (let list = 1; list <= 4; list += 1) await expectSameCounts(remembering, rooms, `list ${list}`);
  } finally {
    connection.raw.close();
  }
});
