import { expect, test } from "vitest";
import { createRoom, useMemberFixture } from "./member-fixture.ts";

const { open } = useMemberFixture();

test("what a user sets for a room is on all of the user's devices, and on no one else's", async () => {
  const [alice, bob, phone] = [await open("alice"), await open("bob"), await open("bob")];
  const room = await createRoom(alice);
  const set = { room: room.id, notify: "mentions", starred: false } as const;
  expect(await bob.do("preference.set", { room: room.number, notify: "mentions" })).toEqual(set);
  expect(await phone.event("preference.changed", (event) => event.room === room.id)).toEqual({
    on: "preference.changed",
    ...set,
  });
  expect(await bob.do("preference.set", { room: room.id, starred: true })).toEqual({ ...set, starred: true });
  expect(await bob.do("preference.set", { room: room.id, starred: true })).toEqual({ ...set, starred: true });
  expect((await phone.do("preference.list", {})).preferences).toContainEqual({ ...set, starred: true });
  await alice.fence();
  expect(alice.events.filter(({ on }) => on === "preference.changed")).toEqual([]);
  expect((await alice.do("preference.list", {})).preferences).toEqual([]);
  await bob.do("preference.set", { room: room.id, starred: false, notify: "default" });
  expect((await bob.do("preference.list", {})).preferences.map(({ room: id }) => id)).not.toContain(room.id);
  expect((await bob.refusal("preference.set", { room: room.id, notify: "loud" as "nothing" })).code).toBe(
    "COMMAND_INVALID",
  );
});

test("a room that a user loses is in no list, cannot be set, and comes back with what was set", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  const room = await createRoom(alice, { private: true });
  await alice.do("member.add", { room: room.id, user: "bob" });
  await bob.do("preference.set", { room: room.id, starred: true });
  const listed = async () => (await bob.do("preference.list", {})).preferences.map(({ room: id }) => id);
  expect(await listed()).toContain(room.id);
  await alice.do("member.remove", { room: room.id, user: "bob" });
  expect(await listed()).not.toContain(room.id);
  expect((await bob.refusal("preference.set", { room: room.id, starred: false })).code).toBe("ROOM_INVALID");
  await alice.do("member.add", { room: room.id, user: "bob" });
  expect(await listed()).toContain(room.id);
});
