import type { JoinedRoom } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../../src/accounts/accounts.ts";
import type { Context } from "../../src/context.ts";
import { deleteMessage } from "../../src/messages/delete-message.ts";
import { postMessage } from "../../src/messages/post-message.ts";
import { createRoom } from "../../src/rooms/create-room.ts";
import { joinRoom } from "../../src/rooms/join-room.ts";
import { LatestPages } from "../../src/rooms/latest-pages.ts";
import { resumeRooms } from "../../src/rooms/resume-rooms.ts";
import type { StoredRoom } from "../../src/store/store.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
let reader: Actor;
let author: Actor;
beforeAll(async () => {
  fixture = await openCommandFixture();
  reader = await fixture.actor("sara");
  author = await fixture.actor("alice");
});
afterAll(async () => {
  await fixture.close();
});

let posted = 0;
const post = async (room: string, body: string) => {
  posted += 1;
  return (await postMessage(fixture.context, author, { room, clientId: `as-of-${posted}`, body })).message;
};
const remove = (room: string, message: string) => deleteMessage(fixture.context, author, { room, message });

/** Returns the context, with a store in which a change is committed after the head of the log was read, before the counts. */
function committing(change: () => Promise<unknown>): Pick<Context, "store" | "limits"> {
  const { store, limits } = fixture.context;
  let committed: Promise<unknown> | undefined;
  const markers: typeof store.markers = {
    ...store.markers,
    getMany: async (query) => {
      committed ??= change();
      await committed;
      return store.markers.getMany(query);
    },
  };
  return { store: { ...store, markers }, limits };
}

type Answer = (context: Pick<Context, "store" | "limits">, room: StoredRoom, since: number) => Promise<JoinedRoom>;
const subscription = { subscribe: async () => {}, unsubscribe: async () => {} };
const resume: Answer = async (context, room, since) => {
  const { epoch } = context.store;
  const { rooms } = await resumeRooms(context, reader, { rooms: { [room.id]: since }, epoch, ...subscription });
  const answer = rooms[room.id];
  if (answer === undefined || "gone" in answer) throw new Error("expected the room in the answer");
  return answer;
};
const ANSWERS: readonly (readonly [name: string, answer: Answer])[] = [
  ["a resume from the end", resume],
  ["a resume from earlier", (context, room, since) => resume(context, room, since - 1)],
  ["a resume of a log that is too long to replay", (context, room) => resume(context, room, -1)],
  [
    "a join with the events since",
    (context, room, since) => joinRoom(context, reader, { room: room.id, since, limit: 50, ...subscription }),
  ],
  ["a join with a page", (context, room) => joinRoom(context, reader, { room: room.id, limit: 50, ...subscription })],
  [
    "a join with a page that is shared",
    async (context, room) => {
      const pages = new LatestPages(context.store, 50);
      await pages.read(room, author.id);
      return joinRoom(context, reader, { room: room.id, limit: 50, pages, ...subscription });
    },
  ],
];

type Change = (room: string, earlier: string) => Promise<unknown>;
const CHANGES: readonly (readonly [name: string, change: Change])[] = [
  ["nothing", async () => {}],
  ["a message", (room) => post(room, "one more")],
  ["a mention", (room) => post(room, "@sara one more")],
  [
    "several messages",
    async (room) => {
      for (const body of ["one", "@sara two", "@all three", "four"]) await post(room, body);
    },
  ],
  ["a message of before is deleted", (room, earlier) => remove(room, earlier)],
  ["a message that is deleted again", async (room) => remove(room, (await post(room, "a slip of @sara")).id)],
  [
    "a message, and one of before is deleted",
    async (room, earlier) => {
      await post(room, "in its place");
      await remove(room, earlier);
    },
  ],
];

describe.each(ANSWERS)("%s has the log and the counts as of one seq, when meanwhile is committed", (_, read) => {
  test.each(CHANGES)("%s", async (_, change) => {
    const { store } = fixture.context;
    const { id } = await createRoom(fixture.context, await fixture.actor("admin"), { title: "Counting" });
    await post(id, "read by nobody");
    const { id: earlier } = await post(id, "@sara read by nobody either");
    const room = await store.rooms.find(id);
    if (room === undefined) throw new Error("expected the room");

    const answer = await read(
      committing(() => change(id, earlier)),
      room,
      room.lastSeq,
    );

    const { lastSeq } = answer.room;
    const log = (await store.eventLog.readSince({ room: id, since: 0, limit: 100 })) ?? [];
    const unread = new Set<string>();
    for (const event of log) {
      if (event.seq > lastSeq) break;
      if (event.on === "message.posted") unread.add(event.message.id);
      if (event.on === "message.deleted") unread.delete(event.message);
    }
    expect(answer.state.unread, "the client adds the events after lastSeq to it").toBe(unread.size);
    if (answer.reset) {
      const shown = answer.page.messages.filter(({ deletedAt }) => deletedAt === null).map((message) => message.id);
      expect(shown).toEqual(expect.arrayContaining([...unread]));
    } else {
      const last = answer.events.at(-1)?.seq ?? room.lastSeq;
      expect(last, "the client would wait for what is missing up to lastSeq").toBeGreaterThanOrEqual(lastSeq);
    }
  });
});
