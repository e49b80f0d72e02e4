import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATOR } from "../../src/access/operator.ts";
import { changeRoom } from "../../src/rooms/change-room.ts";
import { createRoom } from "../../src/rooms/create-room.ts";
import { deleteRoom } from "../../src/rooms/delete-room.ts";
import { listRooms, listRoomsJson } from "../../src/rooms/list-rooms.ts";
import { changeSettings } from "../../src/settings/change-settings.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
beforeAll(async () => {
  fixture = await openCommandFixture();
});
afterAll(async () => {
  await fixture.close();
});

/** Returns the code of the refusal, or "done". */
async function outcome(command: Promise<unknown>): Promise<unknown> {
  try {
    await command;
    return "done";
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

/** Creates two rooms for one test. */
async function createRooms(): Promise<{ open: number; closed: number }> {
  const { rooms } = fixture.context.store;
  const open = await rooms.create({ title: "Open", by: null });
  const closed = await rooms.create({ title: "Closed", staffOnly: true, by: null });
  return { open: open.room.number, closed: closed.room.number };
}

describe.each([
  { username: "alice", create: "FORBIDDEN", changeOpen: "FORBIDDEN", changeStaff: "ROOM_INVALID" },
  { username: "sara", create: "done", changeOpen: "done", changeStaff: "done" },
  { username: "admin", create: "done", changeOpen: "done", changeStaff: "done" },
])("$username", ({ username, create, changeOpen, changeStaff }) => {
  test("creates, changes and deletes rooms, or is refused without learning that a room exists", async () => {
    const { context } = fixture;
    const actor = await fixture.actor(username);
    const { open, closed } = await createRooms();
    expect(await outcome(createRoom(context, actor, { title: "New" }))).toBe(create);
    expect(await outcome(createRoom(context, actor, { title: "New", staffOnly: true }))).toBe(create);
    expect(await outcome(changeRoom(context, actor, { room: open, changes: { title: "Other" } }))).toBe(changeOpen);
    expect(await outcome(changeRoom(context, actor, { room: closed, changes: { title: "x" } }))).toBe(changeStaff);
    expect(await outcome(deleteRoom(context, actor, { room: closed }))).toBe(changeStaff);
    expect(await outcome(deleteRoom(context, actor, { room: open }))).toBe(changeOpen);
    expect(await outcome(deleteRoom(context, actor, { room: 999 }))).toBe("ROOM_INVALID");
  });
});

test("lets ordinary users create open rooms where everybody may create rooms", async () => {
  const { context } = fixture;
  await changeSettings(context, await fixture.actor("admin"), { roomCreators: "everybody" });
  const alice = await fixture.actor("alice");
  expect(await createRoom(context, alice, { title: "Alice's" })).toMatchObject({ title: "Alice's" });
  expect(await outcome(createRoom(context, alice, { title: "Hidden", staffOnly: true }))).toBe("FORBIDDEN");
});

test("records what the operator does without an author", async () => {
  const { context } = fixture;
  const room = await createRoom(context, OPERATOR, { title: "From the shell" });
  expect(await context.store.eventLog.readSince({ room: room.id, since: 0, limit: 10 })).toMatchObject([
    { on: "room.created", by: null },
  ]);
});

test("publishes a change to everybody first, then to the room, and not at all when nothing changed", async () => {
  const { context } = fixture;
  const sara = await fixture.actor("sara");
  const { open } = await createRooms();
  const room = await context.store.rooms.find(open);
  await fixture.takeMessages();
  await fixture.subscribe("everybody");
  await fixture.subscribe(`room.${room?.id}`);
  await changeRoom(context, sara, { room: open, changes: { staffOnly: true } });
  expect(await fixture.takeMessages()).toMatchObject([
    { type: "room.changed", room: { staffOnly: true } },
    { type: "log.event", number: open, event: { on: "room.changed", changes: { staffOnly: true } } },
  ]);
  await changeRoom(context, sara, { room: open, changes: { staffOnly: true } });
  expect(await fixture.takeMessages()).toEqual([]);
});

test("lists the visible rooms by number", async () => {
  const { context } = fixture;
  const titles = async (username: string) =>
    (await listRooms(context, await fixture.actor(username))).map(({ title }) => title);
  expect((await titles("alice")).slice(0, 2)).toEqual(["General", "Random"]);
  expect(await titles("alice")).not.toContain("Staff only");
  expect((await titles("sara")).slice(0, 3)).toEqual(["General", "Random", "Staff only"]);
  const numbers = (await listRooms(context, await fixture.actor("sara"))).map(({ number }) => number);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
});

test("lists the same rooms as JSON, also after they have changed", async () => {
  const { context } = fixture;
  for (const username of ["alice", "sara", "admin"]) {
    const actor = await fixture.actor(username);
    const expectSame = async () =>
      expect(JSON.parse((await listRoomsJson(context, actor)).text)).toEqual(await listRooms(context, actor));
    await expectSame();
    const { id } = await createRoom(context, await fixture.actor("sara"), {
      title: `"quoted" \\ of ${username} \u2028 😀`,
    });
    await expectSame();
    await changeRoom(context, await fixture.actor("sara"), { room: id, changes: { topic: "new", slowModeSeconds: 5 } });
    await expectSame();
  }
});
