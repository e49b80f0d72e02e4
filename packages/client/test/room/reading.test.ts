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
