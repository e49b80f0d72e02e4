import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RoomHeads } from "../../../src/store/event-log/room-heads.ts";
import { connect } from "../../../src/store/sqlite/connection.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { ChatStore, NewMessage } from "../../../src/store/store.ts";
import { childFor } from "../support/child-process.ts";
import {
  ALICE,
  BOB,
  eventOf,
  post,
  posted,
  refTo,
  roomIn,
  sharedStore,
  tempFile,
  tempStore,
  until,
} from "../support/temp-store.ts";
import { expectWholeLog } from "../support/whole-log.ts";

const shared = sharedStore();
let lastClientId = 0;

function message(room: string, more: Partial<NewMessage> = {}): NewMessage {
  lastClientId += 1;
  const clientId = `g${lastClientId}`;
  return { room, accessVersion: 1, author: ALICE, clientId, kind: "message", body: "hello", ...more };
}

/** Passes a value that the types forbid. */
function forbidden(value: unknown): never {
  return value as never;
}

/** What the database rejects when it is written, after the seq was taken. */
const BROKEN: Readonly<Record<string, Partial<NewMessage>>> = {
  "no kind": { kind: forbidden(null) },
  "no body": { body: forbidden(null) },
  "no client id": { clientId: forbidden(null) },
  "a body that no column holds": { body: forbidden({}) },
  "a kind that no column holds": { kind: forbidden([]) },
  "an author that no column holds": { author: { id: forbidden({}), username: "alice" } },
};

async function seqsOf(store: ChatStore, room: string): Promise<number[]> {
  return ((await store.eventLog.readSince({ room, since: 0, limit: 10_000 })) ?? []).map(({ seq }) => seq);
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("a message that the database rejects affects no other of its transaction", () => {
  for (const [name, broken] of Object.entries(BROKEN)) {
    test.each([0, 1, 10, 19])(`${name}, as number %i of 20 in two rooms`, async (at) => {
      const store = shared();
      const rooms = [await roomIn(store), await roomIn(store)] as const;
      const settled = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          store.messages.append(message(rooms[index % 2 === 0 ? 0 : 1], index === at ? broken : {})),
        ),
      );
      expect(settled.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([at]);
      const counts = rooms.map((_, room) => 10 - (at % 2 === room ? 1 : 0));
      for (const [room, count] of counts.entries()) {
        const id = rooms[room] ?? "";
        expect(await seqsOf(store, id)).toEqual(upTo(1 + count));
        expect((await store.rooms.find(id))?.lastSeq).toBe(1 + count);
      }
    });
  }

  test("any of them, anywhere, among repeats and other changes", async () => {
    const store = shared();
    const call = fc.record({
      room: fc.nat(2),
      what: fc.oneof(
        { weight: 8, arbitrary: fc.constant("append" as const) },
        { weight: 2, arbitrary: fc.constant("repeat" as const) },
        { weight: 2, arbitrary: fc.constantFrom(...Object.keys(BROKEN)) },
        { weight: 1, arbitrary: fc.constantFrom("title" as const, "read" as const, "react" as const) },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 60 }), async (calls) => {
        const rooms = [await roomIn(store), await roomIn(store), await roomIn(store)];
        const firsts = await Promise.all(rooms.map((room) => posted(store, room)));
        const refs = await Promise.all(firsts.map((first) => refTo(store, first)));
        const expected = [2, 2, 2];
        const results = calls.map(async ({ room: index, what }, n) => {
          const room = rooms[index] ?? "";
          const first = firsts[index];
          const ref = refs[index];
          if (first === undefined || ref === undefined) throw new Error(`expected room ${index}`);
          switch (what) {
            case "append":
              return store.messages.append(message(room));
            case "repeat":
              return store.messages.append(message(room, { clientId: first.clientId }));
            case "title":
              return store.rooms.change({ room, changes: { title: `title ${n}` }, by: null });
            case "read":
              return store.markers.move({ user: BOB.id, room, seq: 2 });
            case "react":
              return store.messages.setReaction({ ref, emoji: `${n}`, present: true, by: BOB });
            default:
              return store.messages.append(message(room, BROKEN[what]));
          }
        });
        const settled = await Promise.allSettled(results);
        for (const [n, { room, what }] of calls.entries()) {
          const isRejected = what in BROKEN;
          expect(settled[n]?.status, what).toBe(isRejected ? "rejected" : "fulfilled");
          if (!isRejected && what !== "repeat" && what !== "read") expected[room] = (expected[room] ?? 0) + 1;
        }
        for (const [index, room] of rooms.entries()) {
          expect(await seqsOf(store, room)).toEqual(upTo(expected[index] ?? 0));
          expect((await store.rooms.find(room))?.lastSeq).toBe(expected[index]);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("what the writer remembers of a room", () => {
  let folder: string;
  let stores: readonly [ChatStore, ChatStore];
  /** Returns two stores on one file, as two processes have them. */
  const pair = () => stores;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "multichat-store-"));
    const options = { file: join(folder, "chat.db"), pollIntervalMs: 20 };
    stores = [await openSqliteStore(options), await openSqliteStore(options)];
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const CHANGES: Readonly<Record<string, (store: ChatStore, room: string) => Promise<unknown>>> = {
    "a new title": (store, room) => store.rooms.change({ room, changes: { title: "new" }, by: null }),
    "a member": (store, room) => store.members.add({ room, user: BOB, role: "member", by: null }),
    "an edit": async (store, room) => {
      const message = await posted(store, room);
      return store.messages.edit({ ref: await refTo(store, message), body: "edited", canMentionAll: false, by: ALICE });
    },
    "a reaction": async (store, room) => {
      const ref = await refTo(store, await posted(store, room));
      return store.messages.setReaction({ ref, emoji: "👍", present: true, by: BOB });
    },
    "a pin": async (store, room) => {
      const ref = await refTo(store, await posted(store, room));
      return store.messages.setPinned({ ref, pinned: true, by: ALICE });
    },
    "a deletion": async (store, room) => {
      const ref = await refTo(store, await posted(store, room));
      return store.messages.delete({ ref, by: ALICE });
    },
    "a notice": (store, room) => store.messages.append(message(room, { author: null, kind: "alert" })),
  };

  test.each(Object.entries(CHANGES))(
    "is right after %s of this process, in the same batch and after it",
    async (_, change) => {
      const store = shared();
      const room = await roomIn(store);
      await Promise.all([post(store, room), change(store, room), post(store, room), post(store, room)]);
      await change(store, room);
      await post(store, room);
      const last = (await store.rooms.find(room))?.lastSeq ?? 0;
      expect(await seqsOf(store, room)).toEqual(upTo(last));
    },
  );

  test.each(Object.entries(CHANGES))("is right after %s of another process", async (_, change) => {
    const [store, other] = pair();
    const room = await roomIn(store);
    await until(async () => (await other.rooms.find(room)) !== undefined);
    let last = 0;
    for (let round = 0; round < 5; round += 1) {
      await posted(store, room);
      await change(other, room);
      await posted(store, room);
      last = (await posted(other, room)).seq;
    }
    await until(async () => (await store.rooms.find(room))?.lastSeq === last);
    await expectWholeLog(store, room, []);
  });

  test.each([
    ["archived", { archived: true }],
    ["made staff-only", { staffOnly: true }],
    ["put into slow mode", { slowModeSeconds: 10 }],
  ])("is not believed once another process has %s the room", async (_, changes) => {
    const [store, other] = pair();
    const room = await roomIn(store);
    await posted(store, room);
    eventOf(await other.rooms.change({ room, changes, by: null }));
    expect(await store.messages.append(message(room))).toEqual({ outcome: "stale" });
  });

  test("is not believed once another process has deleted the room", async () => {
    const [store, other] = pair();
    const room = await roomIn(store);
    await posted(store, room);
    expect(await other.rooms.delete({ room, by: null })).toEqual({ outcome: "deleted" });
    expect(await store.messages.append(message(room))).toEqual({ outcome: "stale" });
  });

  test("is right while another process posts to the same room", async () => {
    const file = await tempFile();
    const store = await tempStore({ file });
    const room = await roomIn(store);
    const child = await childFor(file);
    child.flood(room, "other");
    const acknowledged: { clientId: string; seq: number }[] = [];
    while (acknowledged.length < 300 || child.acknowledged.length < 300) {
      const batch = await Promise.all(Array.from({ length: 20 }, () => posted(store, room)));
      acknowledged.push(...batch.map(({ clientId, seq }) => ({ clientId, seq })));
    }
    await child.stop();
    await expectWholeLog(await tempStore({ file }), room, [...acknowledged, ...child.acknowledged]);
  });

  test("is right in more rooms than it remembers", async () => {
    const file = await tempFile();
    const store = await openSqliteStore({ file });
    const rooms = await Promise.all(Array.from({ length: 8 }, () => roomIn(store)));
    await store.close();
    const connection = connect({ file, readOnly: false, busyTimeoutMs: 1_000 });
    let last = 1;
    for (const maxRooms of [1, 2, 3, 7, 8]) {
      const heads = new RoomHeads({ maxRooms });
      const taken: number[] = [];
      for (const room of [...rooms, ...rooms, ...rooms.toReversed()]) {
        const head = await heads.find(connection, room);
        if (head === undefined) throw new Error(`expected room ${room}`);
        heads.advance(room, head);
        taken.push(head.lastSeq);
      }
      await heads.store(connection);
      expect(taken, `${maxRooms} rooms`).toEqual([1, 2, 3].flatMap((round) => rooms.map(() => last + round)));
      last += 3;
    }
    connection.raw.close();
    const after = await tempStore({ file });
    expect((await after.rooms.list()).map(({ lastSeq }) => lastSeq)).toEqual(rooms.map(() => last));
  });
});
