import { expect, test } from "vitest";
import { CommandError } from "../../src/index.ts";
import { alice, bob, carol, TestWorld } from "../support/test-world.ts";

test("what is set for a room shows at once, and on the user's other devices", async () => {
  const world = new TestWorld();
  const { id } = world.createRoom("General", 1);
  const [desk, phone] = [await world.connected(alice), await world.connected(alice)];
  const seen: unknown[] = [];
  phone.preferences.subscribe(() => seen.push(phone.preferences.get().get(id)));
  const set = desk.preferences.set(id, { starred: true });
  const expected = { room: id, notify: "default", starred: true };
  expect(desk.preferences.get().get(id)).toEqual(expected);
  await world.clock.advance(50);
  await set;
  expect(seen).toEqual([expected]);
  const late = await world.connected(alice);
  await world.clock.advance(50);
  expect(late.preferences.get().get(id)).toEqual(expected);
});

test("what was set during a break is set again, and known after it", async () => {
  const world = new TestWorld();
  const { id } = world.createRoom("General", 1);
  const [desk, phone] = [await world.connected(alice), await world.connected(alice)];
  world.network.isReachable = false;
  for (const socket of world.network.socketsOf(alice)) socket.cut({ isNoticed: true });
  const set = desk.preferences.set(id, { notify: "nothing" });
  await world.clock.advance(500);
  world.network.isReachable = true;
  await world.clock.advance(20_000);
  await set;
  for (const client of [desk, phone]) expect(client.preferences.get().get(id)?.notify).toBe("nothing");
});

test("what is set last for a room wins, also where what was set before has to be sent again", async () => {
  const world = new TestWorld();
  const { id } = world.createRoom("General", 1);
  const client = await world.connected(alice);
  world.server.refuseNext.push({ name: "preference.set", code: "UNAVAILABLE", retryAfterSeconds: 1 });
  const setting = [client.preferences.set(id, { starred: true }), client.preferences.set(id, { starred: false })];
  expect(client.preferences.get().get(id)?.starred).toBe(false);
  await world.clock.advance(5_000);
  await Promise.all(setting);
  const late = await world.connected(alice);
  await world.clock.advance(50);
  expect(late.preferences.get().get(id)?.starred ?? false).toBe(false);
  expect(client.preferences.get().get(id)?.starred).toBe(false);
});

test("what waits for an earlier choice is not set for another user who signs in next", async () => {
  const world = new TestWorld();
  const { id } = world.createRoom("General", 1);
  const client = await world.connected(alice);
  world.server.refuseNext.push({ name: "preference.set", code: "UNAVAILABLE", retryAfterSeconds: 2 });
  const setting = [client.preferences.set(id, { starred: true }), client.preferences.set(id, { notify: "nothing" })];
  const refused = Promise.allSettled(setting);
  await world.clock.advance(500);
  client.disconnect();
  await client.forget();
  await world.clock.advance(60_000);
  expect((await refused)[1]).toMatchObject({ status: "rejected", reason: { name: "ConnectionLost" } });
});

test("what the server refuses is taken back", async () => {
  const world = new TestWorld();
  const { id } = world.createRoom("General", 1);
  const client = await world.connected(alice);
  world.server.refuseNext.push({ name: "preference.set", code: "ROOM_INVALID" });
  const set = client.preferences.set(id, { starred: true });
  expect(client.preferences.get().get(id)?.starred).toBe(true);
  const refused = expect(set).rejects.toBeInstanceOf(CommandError);
  await world.clock.advance(50);
  await refused;
  expect(client.preferences.get().get(id)).toBeUndefined();
});

test("what was set for a room is known again when the user is admitted to it again", async () => {
  const world = new TestWorld();
  const room = world.server.addRoom("Private", { kind: "private", members: [carol, bob] });
  const before = await world.connected(bob);
  const set = before.preferences.set(room.id, { starred: true });
  await world.clock.advance(50);
  await set;
  world.server.removeMember(room, bob, { banned: false });
  const client = await world.connected(bob);
  await world.clock.advance(50);
  expect(client.preferences.get().get(room.id)).toBeUndefined();
  world.server.join(room, bob);
  await world.clock.advance(100);
  expect(client.preferences.get().get(room.id)?.starred).toBe(true);
});

test("rooms that appear at once are asked for together, with what was set for the last of them", async () => {
  const world = new TestWorld();
  const rooms = Array.from({ length: 20 }, (_, index) =>
    world.server.addRoom(`Private ${index}`, { kind: "private", members: [carol] }),
  );
  const [last] = rooms.slice(-1);
  if (last === undefined) throw new Error("Expected a room.");
  world.server.join(last, bob);
  const client = await world.connected(bob);
  const set = client.preferences.set(last.id, { starred: true });
  await world.clock.advance(50);
  await set;
  world.server.removeMember(last, bob, { banned: false });
  const late = await world.connected(bob);
  client.disconnect();
  expect(late.preferences.get().get(last.id)).toBeUndefined();
  const before = world.server.answerCounts.get("preference.list") ?? 0;
  for (const room of rooms) world.server.join(room, bob);
  await world.clock.advance(200);
  expect(late.preferences.get().get(last.id)?.starred).toBe(true);
  expect((world.server.answerCounts.get("preference.list") ?? 0) - before).toBe(2);
});
