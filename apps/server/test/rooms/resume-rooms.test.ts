import { afterAll, beforeAll, expect, test } from "vitest";
import { postMessage } from "../../src/messages/post-message.ts";
import { createRoom } from "../../src/rooms/create-room.ts";
import { resumeRooms } from "../../src/rooms/resume-rooms.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
beforeAll(async () => {
  fixture = await openCommandFixture();
});
afterAll(async () => {
  await fixture.close();
});

test("leaves out what exceeds the size of an answer: those rooms start with an empty page", async () => {
  const { context } = fixture;
  const [sara, alice] = [await fixture.actor("sara"), await fixture.actor("alice")];
  const rooms = [];
  for (const title of ["One", "Two", "Three"]) {
    const room = await createRoom(context, sara, { title });
    for (let i = 0; i < 15; i += 1) {
      await postMessage(context, alice, { room: room.id, clientId: `${title}-${i}`, body: "x".repeat(10_000) });
    }
    rooms.push(room);
  }
  const subscribed: string[] = [];
  const answer = await resumeRooms(context, alice, {
    rooms: Object.fromEntries(rooms.map(({ id }) => [id, 1])),
    epoch: context.store.epoch,
    subscribe: async ({ title }) => {
      subscribed.push(title);
    },
    unsubscribe: async () => {},
  });
  const [one, two, three] = rooms.map(({ id }) => answer.rooms[id]);
  expect(one).toMatchObject({ reset: false, events: { length: 16 } });
  expect(two).toMatchObject({ reset: false, events: { length: 16 } });
  expect(three).toMatchObject({ reset: true, page: { messages: [], hasBefore: true, hasAfter: false } });
  expect(subscribed, "it subscribes to all of them").toEqual(["One", "Two", "Three"]);
});

test("a room that is closed while it is read is gone, and unsubscribed", async () => {
  const { context } = fixture;
  const [sara, alice] = [await fixture.actor("sara"), await fixture.actor("alice")];
  const room = await createRoom(context, sara, { title: "Closing" });
  const calls: string[] = [];
  const answer = await resumeRooms(context, alice, {
    rooms: { [room.id]: 0 },
    epoch: context.store.epoch,
    subscribe: async ({ id }) => {
      calls.push("subscribe");
      await context.store.rooms.change({ room: id, changes: { staffOnly: true }, by: null });
    },
    unsubscribe: async () => {
      calls.push("unsubscribe");
    },
  });
  expect(answer.rooms[room.id]).toEqual({ gone: true });
  expect(calls).toEqual(["subscribe", "unsubscribe"]);
});

test("answers many rooms, each with what was missed in it", async () => {
  const { context } = fixture;
  const [sara, alice] = [await fixture.actor("sara"), await fixture.actor("alice")];
  const rooms = [];
  for (let index = 0; index < 60; index += 1) rooms.push(await createRoom(context, sara, { title: `Many ${index}` }));
  const seqs = new Map<string, number>();
  for (const [index, { id, lastSeq }] of rooms.entries()) {
    seqs.set(id, lastSeq);
    for (let message = 0; message < index % 4; message += 1) {
      await postMessage(context, alice, { room: id, clientId: `many-${index}-${message}`, body: "missed" });
    }
  }
  const subscribed: string[] = [];
  const answer = await resumeRooms(context, sara, {
    rooms: { ...Object.fromEntries(seqs), "no such room": 1, 1: 1 },
    epoch: context.store.epoch,
    subscribe: async ({ id }) => {
      subscribed.push(id);
    },
    unsubscribe: async () => {},
  });
  expect(subscribed).toEqual(rooms.map(({ id }) => id));
  for (const [index, { id }] of rooms.entries()) {
    const seq = (seqs.get(id) ?? 0) + (index % 4);
    const resumed = {
      reset: false,
      events: { length: index % 4 },
      room: { id, lastSeq: seq },
      state: { unread: index % 4 },
    };
    expect(answer.rooms[id], `room ${index}`).toMatchObject(resumed);
  }
  expect(answer.rooms["no such room"]).toEqual({ gone: true });
  expect(answer.rooms["1"], "a number is no id").toEqual({ gone: true });
});

test("a resume that fails leaves none of its last rooms subscribed", async () => {
  const { context } = fixture;
  const sara = await fixture.actor("sara");
  const rooms = [];
  for (const title of ["First", "Second", "Full"]) rooms.push(await createRoom(context, sara, { title }));
  const calls: string[] = [];
  const resumed = resumeRooms(context, sara, {
    rooms: Object.fromEntries(rooms.map(({ id }) => [id, 1])),
    epoch: context.store.epoch,
    subscribe: async ({ title }) => {
      if (title === "Full") throw new Error("no more rooms");
      calls.push(`+${title}`);
    },
    unsubscribe: async ({ title }) => {
      calls.push(`-${title}`);
    },
  });
  await expect(resumed).rejects.toThrow("no more rooms");
  expect(calls).toEqual(["+First", "+Second", "-First", "-Second"]);
});
