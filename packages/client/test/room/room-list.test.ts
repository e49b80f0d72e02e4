import { describe, expect, test } from "vitest";
import { alice, bob, carol, TestWorld } from "../support/test-world.ts";

describe("the list of rooms", () => {
  test("is cold, then live with unread counts, then stale without a connection", async () => {
    const world = new TestWorld();
    world.createRoom("General", 3);
    const client = world.client();
    expect(client.rooms.get()).toEqual({ status: "cold", rooms: [] });
    client.connect();
    await world.clock.advance(200);
    expect(client.rooms.get()).toMatchObject({ status: "live", rooms: [{ number: 1, title: "General", unread: 3 }] });
    world.socket(alice).cut({ isNoticed: true });
    expect(client.rooms.get()).toMatchObject({ status: "stale", rooms: [{ title: "General" }] });
  });

  test("follows rooms that are created, renamed, closed and deleted", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General");
    const client = await world.connected(bob);
    const titles = () => client.rooms.get().rooms.map((room) => room.title);
    const news = world.createRoom("News");
    await world.clock.advance(200);
    expect(titles()).toEqual(["General", "News"]);
    world.server.changeRoom(news, { title: "Old news" });
    await world.clock.advance(200);
    expect(titles()).toEqual(["General", "Old news"]);
    world.server.changeRoom(general, { staffOnly: true });
    await world.clock.advance(200);
    expect(titles()).toEqual(["Old news"]);
    world.server.removeRoom(news);
    await world.clock.advance(200);
    expect(titles()).toEqual([]);
  });

  test("finds a room by id and by number, as a number or a string of digits", async () => {
    const world = new TestWorld();
    const room = world.createRoom();
    const client = await world.connected();
    for (const address of [room.id, 1, "1"]) expect(client.rooms.find(address)?.id).toBe(room.id);
    for (const address of ["01", "+1", "1.0", 2, "room-2"]) expect(client.rooms.find(address)).toBeUndefined();
  });

  test("counts unread messages of rooms that are not open as they arrive, without the user's own", async () => {
    const world = new TestWorld();
    const room = world.createRoom();
    const client = await world.connected();
    const entry = client.rooms.entry(room.id);
    world.server.post(room, carol, "one");
    world.server.post(room, carol, "two");
    world.server.post(room, alice, "mine");
    await world.clock.advance(100);
    expect(entry.get()).toMatchObject({ unread: 2, lastSeq: 4 });
    expect(client.room(room.id).get()).toMatchObject({ status: "cold", items: [] });
  });

  test("counts up to 100", async () => {
    const world = new TestWorld();
    const room = world.createRoom("General", 60);
    const client = await world.connected();
    for (let i = 0; i < 60; i += 1) world.server.post(room, carol, "more");
    await world.clock.advance(100);
    expect(client.rooms.find(1)?.unread).toBe(100);
  });
});
