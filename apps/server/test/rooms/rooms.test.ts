import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATOR } from "../../src/access/operator.ts";
import { changeRoom } from "../../src/rooms/change-room.ts";
import { createRoom } from "../../src/rooms/create-room.ts";
import { deleteRoom } from "../../src/rooms/delete-room.ts";
import { listRooms } from "../../src/rooms/list-rooms.ts";
import { changeSettings } from "../../src/settings/change-settings.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let house: CommandFixture;
beforeAll(async () => {
  house = await openCommandFixture();
});
afterAll(async () => {
  await house.close();
});

/** The code of the refusal, or "done". */
async function outcome(command: Promise<unknown>): Promise<unknown> {
  try {
    await command;
    return "done";
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

/** Rooms of its own for a test. */
async function makeRooms(): Promise<{ open: number; closed: number }> {
  const { rooms } = house.context.store;
  const open = await rooms.create({ title: "Open", by: null });
  const closed = await rooms.create({ title: "Closed", staffOnly: true, by: null });
  return { open: open.room.number, closed: closed.room.number };
}

describe.each([
  { who: "alice", create: "FORBIDDEN", changeOpen: "FORBIDDEN", changeStaff: "ROOM_INVALID" },
  { who: "sara", create: "done", changeOpen: "done", changeStaff: "done" },
  { who: "admin", create: "done", changeOpen: "done", changeStaff: "done" },
])("$who", ({ who, create, changeOpen, changeStaff }) => {
  test("creates, changes and deletes rooms, or is refused without learning of a room", async () => {
    const { context } = house;
    const actor = await house.actor(who);
    const { open, closed } = await makeRooms();
    expect(await outcome(createRoom(context, actor, { title: "New" }))).toBe(create);
    expect(await outcome(createRoom(context, actor, { title: "New", staffOnly: true }))).toBe(create);
    expect(await outcome(changeRoom(context, actor, { room: open, changes: { title: "Other" } }))).toBe(changeOpen);
    expect(await outcome(changeRoom(context, actor, { room: closed, changes: { title: "x" } }))).toBe(changeStaff);
    expect(await outcome(deleteRoom(context, actor, { room: closed }))).toBe(changeStaff);
    expect(await outcome(deleteRoom(context, actor, { room: open }))).toBe(changeOpen);
    expect(await outcome(deleteRoom(context, actor, { room: 999 }))).toBe("ROOM_INVALID");
  });
});

test("where everybody may create rooms, an ordinary user makes open ones", async () => {
  const { context } = house;
  await changeSettings(context, await house.actor("admin"), { roomCreators: "everybody" });
  const alice = await house.actor("alice");
  expect(await createRoom(context, alice, { title: "Alice's" })).toMatchObject({ title: "Alice's" });
  expect(await outcome(createRoom(context, alice, { title: "Hidden", staffOnly: true }))).toBe("FORBIDDEN");
});

test("what the operator does stands in the log without a name", async () => {
  const { context } = house;
  const room = await createRoom(context, OPERATOR, { title: "From the shell" });
  expect(await context.store.eventLog.readSince({ room: room.id, since: 0, limit: 10 })).toMatchObject([
    { on: "room.created", by: null },
  ]);
});

test("a change is told to everybody first, then to the room, and not at all when nothing changed", async () => {
  const { context } = house;
  const sara = await house.actor("sara");
  const { open } = await makeRooms();
  const room = await context.store.rooms.find(open);
  await house.takeMessages();
  await house.subscribe("everybody");
  await house.subscribe(`room.${room?.id}`);
  await changeRoom(context, sara, { room: open, changes: { staffOnly: true } });
  expect(await house.takeMessages()).toMatchObject([
    { type: "room.changed", room: { staffOnly: true } },
    { type: "log.event", number: open, event: { on: "room.changed", changes: { staffOnly: true } } },
  ]);
  await changeRoom(context, sara, { room: open, changes: { staffOnly: true } });
  expect(await house.takeMessages()).toEqual([]);
});

test("lists are by number, with what is unread, and without the rooms that one may not see", async () => {
  const { context } = house;
  const titles = async (who: string) => (await listRooms(context, await house.actor(who))).map(({ title }) => title);
  expect((await titles("alice")).slice(0, 2)).toEqual(["General", "Random"]);
  expect(await titles("alice")).not.toContain("Staff only");
  expect((await titles("sara")).slice(0, 3)).toEqual(["General", "Random", "Staff only"]);
  const numbers = (await listRooms(context, await house.actor("sara"))).map(({ number }) => number);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
});
