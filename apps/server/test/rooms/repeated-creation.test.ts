import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../src/accounts/accounts.ts";
import { addMember, removeMember } from "../../src/members/index.ts";
import { createRoom, deleteRoom } from "../../src/rooms/index.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
let alice: Actor;
let bob: Actor;
let staff: Actor;
beforeAll(async () => {
  fixture = await openCommandFixture();
  await fixture.context.store.settings.update({ roomCreators: "everybody" });
  [alice, bob, staff] = await Promise.all([fixture.actor("alice"), fixture.actor("bob"), fixture.actor("sara")]);
});
afterAll(() => fixture?.close());

/** Creates a private room of alice, of which bob is an owner too. */
async function createShared(clientId: string) {
  const room = await createRoom(fixture.context, alice, { title: "Plans", private: true, clientId });
  await addMember(fixture.context, alice, { room: room.id, user: bob.id, role: "owner" });
  return room;
}

test("a repeated creation returns the same room to whom may see it", async () => {
  const room = await createShared("same");
  expect(await createRoom(fixture.context, alice, { title: "x", private: true, clientId: "same" })).toEqual({
    ...room,
    lastSeq: 3,
  });
});

test.each(["removed", "banned"])("a repeated creation by one who was %s does not find the room", async (how) => {
  const room = await createShared(how);
  await removeMember(fixture.context, bob, { room: room.id, user: alice.id, ban: how === "banned" });
  await expect(createRoom(fixture.context, alice, { title: "x", clientId: how })).rejects.toMatchObject({
    code: "ROOM_INVALID",
  });
});

test("a repeated creation does not find a room that was deleted meanwhile", async () => {
  const room = await createShared("deleted");
  await deleteRoom(fixture.context, alice, { room: room.id });
  await expect(createRoom(fixture.context, alice, { title: "x", clientId: "deleted" })).rejects.toMatchObject({
    code: "ROOM_INVALID",
  });
});

test("a repeated creation by former staff does not find a room for staff", async () => {
  await createRoom(fixture.context, staff, { title: "Staff", staffOnly: true, clientId: "staff" });
  const former = { ...staff, staff: false };
  await expect(createRoom(fixture.context, former, { title: "x", clientId: "staff" })).rejects.toMatchObject({
    code: "ROOM_INVALID",
  });
});
