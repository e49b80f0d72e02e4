import { afterAll, beforeAll, expect, test } from "vitest";
import { postMessage } from "../../src/messages/post-message.ts";
import { createRoom } from "../../src/rooms/create-room.ts";
import { resume } from "../../src/rooms/resume.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let house: CommandFixture;
beforeAll(async () => {
  house = await openCommandFixture();
});
afterAll(async () => {
  await house.close();
});

test("more than an answer should hold is left out: those rooms start with an empty page, and can be read from there", async () => {
  const { context } = house;
  const [sara, alice] = [await house.actor("sara"), await house.actor("alice")];
  const rooms = [];
  for (const title of ["One", "Two", "Three"]) {
    const room = await createRoom(context, sara, { title });
    for (let i = 0; i < 45; i += 1) {
      await postMessage(context, alice, { room: room.id, clientId: `${title}-${i}`, body: "x".repeat(10_000) });
    }
    rooms.push(room);
  }
  const heard: string[] = [];
  const answer = await resume(context, alice, {
    rooms: Object.fromEntries(rooms.map(({ id }) => [id, 1])),
    epoch: context.store.epoch,
    subscribe: async ({ title }) => {
      heard.push(title);
    },
    unsubscribe: async () => {},
  });
  const [one, two, three] = rooms.map(({ id }) => answer.rooms[id]);
  expect(one).toMatchObject({ reset: false, events: { length: 46 } });
  expect(two).toMatchObject({ reset: false, events: { length: 46 } });
  expect(three).toMatchObject({ reset: true, page: { messages: [], hasBefore: true, hasAfter: false } });
  expect(heard, "it hears them all").toEqual(["One", "Two", "Three"]);
});

test("a room that is closed while it is read is gone, and heard no more", async () => {
  const { context } = house;
  const [sara, alice] = [await house.actor("sara"), await house.actor("alice")];
  const room = await createRoom(context, sara, { title: "Closing" });
  const heard: string[] = [];
  const answer = await resume(context, alice, {
    rooms: { [room.id]: 0 },
    epoch: context.store.epoch,
    subscribe: async ({ id }) => {
      heard.push("listen");
      await context.store.rooms.change({ room: id, changes: { staffOnly: true }, by: null });
    },
    unsubscribe: async () => {
      heard.push("unlisten");
    },
  });
  expect(answer.rooms[room.id]).toEqual({ gone: true });
  expect(heard).toEqual(["listen", "unlisten"]);
});
