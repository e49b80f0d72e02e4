import { describe, expect, test } from "vitest";
import { alice, TestWorld } from "../support/test-world.ts";

describe("reading", () => {
  test("moves the marker locally at once, and soon on the server and the user's other device", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 4);
    const desk = await world.connected();
    const phone = await world.connected();
    const room = await world.open(desk, general);
    expect(room.get().unread).toBe(4);
    room.markRead(3);
    expect(room.get()).toMatchObject({ unread: 2, readSeq: 3 });
    expect(desk.rooms.find(1)?.unread).toBe(2);
    await world.clock.advance(300);
    expect(phone.rooms.find(1)?.unread).toBe(2);
    room.markRead(5);
    await world.clock.advance(1_300);
    expect(phone.rooms.find(1)?.unread).toBe(0);
    expect(world.server.state(alice, general)).toMatchObject({ readSeq: 5, unread: 0 });
  });

  test("moves the marker neither back nor beyond the end", async () => {
    const world = new TestWorld();
    const room = await world.open(await world.connected(), world.createRoom("General", 4));
    room.markRead(99);
    expect(room.get().readSeq).toBe(5);
    room.markRead(2);
    expect(room.get().readSeq).toBe(5);
  });

  test("marks a message as unread on all devices, until the user reads it again", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 4);
    const desk = await world.connected();
    const phone = await world.connected();
    const [room, other] = [await world.open(desk, general), await world.open(phone, general)];
    room.markRead(5);
    await world.clock.advance(2_000);
    expect(other.get()).toMatchObject({ unread: 0, readSeq: 5 });
    room.markUnread(4);
    room.markUnread(4);
    expect(room.get(), "at once").toMatchObject({ unread: 2, readSeq: 3 });
    await world.clock.advance(2_000);
    expect(world.server.state(alice, general)).toMatchObject({ readSeq: 3, readRevision: 1, unread: 2 });
    expect(other.get()).toMatchObject({ unread: 2, readSeq: 3 });
    expect(phone.rooms.find(1)?.unread).toBe(2);
    other.markRead(4);
    await world.clock.advance(2_000);
    expect(room.get()).toMatchObject({ unread: 1, readSeq: 4 });
  });

  test("keeps a message unread that another device has read before, without a connection", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 4);
    const [desk, phone] = [await world.connected(), await world.connected()];
    const [room, other] = [await world.open(desk, general), await world.open(phone, general)];
    room.markRead(4);
    await world.clock.advance(2_000);
    world.socket(alice).cut({ isNoticed: true });
    for (const reader of [room, other]) reader.markRead(5);
    room.markUnread(2);
    await world.clock.advance(10_000);
    expect(world.server.state(alice, general)).toMatchObject({ readSeq: 1, readRevision: 1, unread: 4 });
    for (const reader of [room, other]) expect(reader.get()).toMatchObject({ readSeq: 1, unread: 4 });
  });

  test("sends the marker at most once a second, and always the last one", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 50);
    const room = await world.open(await world.connected(), general);
    for (let seq = 1; seq <= 50; seq += 1) {
      room.markRead(seq);
      await world.clock.advance(50);
    }
    await world.clock.advance(2_000);
    expect(world.server.state(alice, general).readSeq).toBe(50);
    expect(world.server.answerCounts.get("room.read")).toBeLessThanOrEqual(4);
  });

  test("sends the marker after the reconnect when there was no connection", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 4);
    const room = await world.open(await world.connected(), general);
    world.socket(alice).cut({ isNoticed: true });
    room.markRead(4);
    await world.clock.advance(3_000);
    expect(world.server.state(alice, general).readSeq).toBe(4);
  });
});
