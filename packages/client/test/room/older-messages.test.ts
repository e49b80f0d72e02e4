import { describe, expect, test } from "vitest";
import { alice, carol, shownItems, TestWorld } from "../support/test-world.ts";

describe("older messages", () => {
  test("are loaded page by page until the beginning, one load at a time", async () => {
    const world = new TestWorld({ pageSize: 3 });
    const general = world.createRoom("General", 10);
    const room = await world.open(await world.connected(alice, { pageSize: 4 }), general);
    expect(room.get()).toMatchObject({ hasBefore: true, loadingBefore: false });
    const loading = room.loadBefore();
    expect(room.loadBefore()).toBe(loading);
    expect(room.get().loadingBefore).toBe(true);
    await world.clock.advance(50);
    expect(shownItems(room)).toHaveLength(7);
    expect(room.get()).toMatchObject({ hasBefore: true, loadingBefore: false });
    void room.loadBefore();
    await world.clock.advance(50);
    expect(shownItems(room)[0]).toBe("old 1");
    expect(room.get().hasBefore).toBe(false);
    await room.loadBefore();
    expect(world.server.answerCounts.get("history.page")).toBe(2);
  });

  test("are loaded around a link with a gap before the newest", async () => {
    const world = new TestWorld({ pageSize: 2 });
    const general = world.createRoom("General", 30);
    const client = await world.connected(alice, { pageSize: 4 });
    const room = client.room(general.id);
    room.open();
    void room.loadAround(11);
    await world.clock.advance(100);
    expect(shownItems(room)).toEqual(["old 8", "old 9", "old 10", "old 11", "… 12 to 30", "old 29", "old 30"]);
    expect(room.get().hasBefore).toBe(true);
    await room.loadAround(12);
    expect(world.server.answerCounts.get("history.page")).toBe(1);
  });

  test("reject with the reason when they cannot be loaded, and the items stay", async () => {
    const world = new TestWorld({ pageSize: 2 });
    const room = await world.open(await world.connected(), world.createRoom("General", 9));
    world.socket(alice).cut({ isNoticed: true });
    await expect(room.loadBefore()).rejects.toMatchObject({ name: "ConnectionLost" });
    expect(room.get()).toMatchObject({ loadingBefore: false, hasBefore: true });
    expect(shownItems(room)).toHaveLength(2);
  });

  test("are not loaded in a room that is not open", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    await expect(client.room(world.createRoom().id).loadBefore()).rejects.toThrow(/open\(\)/);
  });

  test("are kept up to a limit, beyond which the farthest from the viewed seq become gaps", async () => {
    const world = new TestWorld({ pageSize: 50 });
    const general = world.createRoom("General", 500);
    const room = await world.open(await world.connected(alice, { maxMessages: 200, pageSize: 100 }), general);
    const load = async () => {
      void room.loadBefore();
      await world.clock.advance(50);
    };
    const messages = () => room.get().items.filter(({ kind }) => kind === "message").length;
    await load();
    expect(messages()).toBe(150);
    await load();
    // The user views the old end: the newest hundred stay, and what is between is dropped.
    expect(messages()).toBe(180);
    expect(shownItems(room)[0]).toBe("old 311");
    expect(shownItems(room).at(-1)).toBe("old 500");
    expect(shownItems(room).filter((line) => line.startsWith("…"))).toHaveLength(1);
    // The user views the end again: the old messages are dropped.
    room.setViewedSeq(null);
    for (let i = 0; i < 100; i += 1) world.server.post(general, carol, `new ${i}`);
    await world.clock.advance(50);
    expect(messages()).toBeLessThanOrEqual(200);
    expect(room.get().hasBefore).toBe(true);
    expect(shownItems(room).at(-1)).toBe("new 99");
  });
});
