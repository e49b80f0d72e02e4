import { describe, expect, test } from "vitest";
import { memoryStorage } from "../src/index.ts";
import { alice, bob, carol, shownItems, TestWorld } from "./support/test-world.ts";

describe("persisted state", () => {
  test("is shown at once, and the rooms resume instead of loading again", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 3);
    const storage = memoryStorage();
    const oldClient = await world.connected(alice, { storage });
    await world.open(oldClient, general);
    oldClient.disconnect();
    await world.clock.advance(1);
    world.server.post(general, carol, "meanwhile");
    world.server.answerCounts.clear();
    const newClient = world.client(alice, { storage });
    newClient.connect();
    const room = newClient.room(general.id);
    room.open();
    await world.clock.advance(1);
    expect(newClient.me.get()).toEqual(alice);
    expect(newClient.rooms.get()).toMatchObject({ status: "stale", rooms: [{ title: "General" }] });
    expect(room.get().status).toBe("stale");
    expect(shownItems(room)).toEqual(["old 1", "old 2", "old 3"]);
    await world.clock.advance(200);
    expect(room.get().status).toBe("live");
    expect(shownItems(room)).toEqual(["old 1", "old 2", "old 3", "meanwhile"]);
    expect(world.server.answerCounts.get("room.join")).toBeUndefined();
    expect(world.server.answerCounts.get("history.page")).toBeUndefined();
  });

  test("is shown without a connection, with the unsent messages", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const storage = memoryStorage();
    const oldClient = await world.connected(alice, { storage });
    await world.open(oldClient, general);
    oldClient.disconnect();
    await world.clock.advance(1);
    world.network.isReachable = false;
    const newClient = world.client(alice, { storage });
    newClient.connect();
    const room = newClient.room(general.id);
    room.open();
    await world.clock.advance(10);
    room.send("offline");
    expect(shownItems(room)).toEqual(["old 1", "offline (pending)"]);
  });

  test("has at most fifty messages of a room, and the rest can be loaded", async () => {
    const world = new TestWorld({ pageSize: 100 });
    const general = world.createRoom("General", 80);
    const storage = memoryStorage();
    const oldClient = await world.connected(alice, { storage });
    await world.open(oldClient, general);
    oldClient.disconnect();
    await world.clock.advance(1);
    const newClient = await world.connected(alice, { storage });
    const room = await world.open(newClient, general);
    expect(shownItems(room)).toHaveLength(50);
    expect(room.get().hasBefore).toBe(true);
    void room.loadBefore();
    await world.clock.advance(100);
    expect(shownItems(room)).toHaveLength(80);
  });

  test("is not shown to another user", async () => {
    const world = new TestWorld();
    const secret = world.server.addRoom("Staff", { staffOnly: true });
    world.server.post(secret, carol, "between us");
    const storage = memoryStorage();
    const aliceClient = await world.connected(alice, { storage });
    await world.open(aliceClient, secret);
    aliceClient.disconnect();
    await world.clock.advance(1);
    const bobClient = await world.connected(bob, { storage });
    expect(bobClient.me.get()).toEqual(bob);
    expect(bobClient.rooms.get().rooms).toEqual([]);
    expect(shownItems(bobClient.room(secret.id))).toEqual([]);
    await world.clock.advance(2_000);
    expect(JSON.stringify([...(await storage.entries())])).not.toContain("between us");
  });

  test("does not contain a room that was taken away", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const storage = memoryStorage();
    const client = await world.connected(bob, { storage });
    await world.open(client, general);
    await world.clock.advance(2_000);
    expect([...(await storage.entries()).keys()]).toContain(`room:${general.id}`);
    world.server.changeRoom(general, { staffOnly: true });
    await world.clock.advance(2_000);
    expect([...(await storage.entries()).keys()]).toEqual(["client"]);
  });

  test("is cleared by forget()", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const storage = memoryStorage();
    const client = await world.connected(alice, { storage });
    await world.open(client, general);
    client.disconnect();
    await client.forget();
    expect((await storage.entries()).size).toBe(0);
    expect(client.me.get()).toBeNull();
    expect(client.rooms.get()).toEqual({ status: "cold", rooms: [] });
    await world.clock.advance(5_000);
    expect((await storage.entries()).size).toBe(0);
  });

  test("ignores and removes a room of another user or another log", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const storage = memoryStorage();
    const oldClient = await world.connected(alice, { storage });
    await world.open(oldClient, general);
    oldClient.disconnect();
    await world.clock.advance(1);
    const stored = (await storage.entries()).get(`room:${general.id}`);
    await storage.put("room:other-user", { ...(stored as object), me: "another user" });
    await storage.put("room:other-log", { ...(stored as object), epoch: "another epoch" });
    world.network.isReachable = false;
    const newClient = world.client(alice, { storage });
    newClient.connect();
    await world.clock.advance(1);
    expect(shownItems(newClient.room(general.id))).toEqual(["old 1"]);
    for (const id of ["other-user", "other-log"]) expect(shownItems(newClient.room(id))).toEqual([]);
    expect([...(await storage.entries()).keys()].sort()).toEqual(["client", `room:${general.id}`]);
  });

  test("is deleted when another version wrote it", async () => {
    const world = new TestWorld();
    world.createRoom();
    const storage = memoryStorage();
    await storage.put("client", { version: 0, epoch: "?", me: bob, rooms: [{ id: "?" }] });
    const client = world.client(alice, { storage });
    client.connect();
    await world.clock.advance(1);
    expect(client.me.get()).toBeNull();
    await world.clock.advance(200);
    expect(client.me.get()).toEqual(alice);
  });

  test("does not delay the client when the storage hangs or fails", async () => {
    const world = new TestWorld();
    world.createRoom();
    const broken = () => Promise.reject(new Error("no storage"));
    const failures: unknown[] = [];
    const failing = await world.connected(alice, {
      storage: { entries: broken, put: broken, delete: broken, clear: broken },
      onStorageError: (error) => failures.push(error),
    });
    expect(failing.rooms.get().status).toBe("live");
    expect(failures.length, "reading, and deleting other rooms").toBe(2);
    const hang = () => new Promise<never>(() => {});
    const hanging = await world.connected(bob, { storage: { entries: hang, put: hang, delete: hang, clear: hang } });
    await world.clock.advance(2_100);
    expect(hanging.rooms.get().status).toBe("live");
  });
});
