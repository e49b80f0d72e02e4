import { describe, expect, test } from "vitest";
import { memoryStorage } from "../src/index.ts";
import { alice, bob, carol, shows, TestWorld } from "./support/test-world.ts";

describe("what survives a reload", () => {
  test("is shown at once, and the rooms resume instead of loading again", async () => {
    const house = new TestWorld();
    const general = house.room("General", 3);
    const storage = memoryStorage();
    const before = await house.connected(alice, { storage });
    await house.open(before, general);
    before.disconnect();
    await house.clock.advance(1);
    house.server.post(general, carol, "meanwhile");
    house.server.answered.clear();
    const after = house.client(alice, { storage });
    after.connect();
    const room = after.room(general.id);
    room.open();
    await house.clock.advance(1);
    expect(after.me.get()).toEqual(alice);
    expect(after.rooms.get()).toMatchObject({ status: "stale", rooms: [{ title: "General" }] });
    expect(room.get().status).toBe("stale");
    expect(shows(room)).toEqual(["old 1", "old 2", "old 3"]);
    await house.clock.advance(200);
    expect(room.get().status).toBe("live");
    expect(shows(room)).toEqual(["old 1", "old 2", "old 3", "meanwhile"]);
    expect(house.server.answered.get("room.join")).toBeUndefined();
    expect(house.server.answered.get("history.page")).toBeUndefined();
  });

  test("is shown without any connection, with what was unsent", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const storage = memoryStorage();
    const before = await house.connected(alice, { storage });
    await house.open(before, general);
    before.disconnect();
    await house.clock.advance(1);
    house.network.reachable = false;
    const after = house.client(alice, { storage });
    after.connect();
    const room = after.room(general.id);
    room.open();
    await house.clock.advance(10);
    room.send("offline");
    expect(shows(room)).toEqual(["old 1", "offline (pending)"]);
  });

  test("is at most fifty messages of a room, with the rest to be loaded", async () => {
    const house = new TestWorld({ page: 100 });
    const general = house.room("General", 80);
    const storage = memoryStorage();
    const before = await house.connected(alice, { storage });
    await house.open(before, general);
    before.disconnect();
    await house.clock.advance(1);
    const after = await house.connected(alice, { storage });
    const room = await house.open(after, general);
    expect(shows(room)).toHaveLength(50);
    expect(room.get().hasBefore).toBe(true);
    void room.loadBefore();
    await house.clock.advance(100);
    expect(shows(room)).toHaveLength(80);
  });

  test("is nobody else's: another person starts with nothing", async () => {
    const house = new TestWorld();
    const secret = house.server.addRoom("Staff", { staffOnly: true });
    house.server.post(secret, carol, "between us");
    const storage = memoryStorage();
    const hers = await house.connected(alice, { storage });
    await house.open(hers, secret);
    hers.disconnect();
    await house.clock.advance(1);
    const his = await house.connected(bob, { storage });
    expect(his.me.get()).toEqual(bob);
    expect(his.rooms.get().rooms).toEqual([]);
    expect(shows(his.room(secret.id))).toEqual([]);
    await house.clock.advance(2_000);
    expect(JSON.stringify([...(await storage.entries())])).not.toContain("between us");
  });

  test("does not keep a room that was taken away", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const storage = memoryStorage();
    const client = await house.connected(bob, { storage });
    await house.open(client, general);
    await house.clock.advance(2_000);
    expect([...(await storage.entries()).keys()]).toContain(`room:${general.id}`);
    house.server.change(general, { staffOnly: true });
    await house.clock.advance(2_000);
    expect([...(await storage.entries()).keys()]).toEqual(["client"]);
  });

  test("is cleared by forget()", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const storage = memoryStorage();
    const client = await house.connected(alice, { storage });
    await house.open(client, general);
    client.disconnect();
    await client.forget();
    expect((await storage.entries()).size).toBe(0);
    expect(client.me.get()).toBeNull();
    expect(client.rooms.get()).toEqual({ status: "cold", rooms: [] });
    await house.clock.advance(5_000);
    expect((await storage.entries()).size).toBe(0);
  });

  test("is of one person and one log: a room of another is passed over and removed", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const storage = memoryStorage();
    const before = await house.connected(alice, { storage });
    await house.open(before, general);
    before.disconnect();
    await house.clock.advance(1);
    const kept = (await storage.entries()).get(`room:${general.id}`);
    await storage.put("room:hers", { ...(kept as object), me: "somebody else" });
    await storage.put("room:older", { ...(kept as object), epoch: "another one" });
    house.network.reachable = false;
    const after = house.client(alice, { storage });
    after.connect();
    await house.clock.advance(1);
    expect(shows(after.room(general.id))).toEqual(["old 1"]);
    for (const id of ["hers", "older"]) expect(shows(after.room(id))).toEqual([]);
    expect([...(await storage.entries()).keys()].sort()).toEqual(["client", `room:${general.id}`]);
  });

  test("is thrown away when another version wrote it", async () => {
    const house = new TestWorld();
    house.room();
    const storage = memoryStorage();
    await storage.put("client", { version: 0, epoch: "?", me: bob, rooms: [{ id: "?" }] });
    const client = house.client(alice, { storage });
    client.connect();
    await house.clock.advance(1);
    expect(client.me.get()).toBeNull();
    await house.clock.advance(200);
    expect(client.me.get()).toEqual(alice);
  });

  test("is not waited for when the storage hangs or fails", async () => {
    const house = new TestWorld();
    house.room();
    const broken = () => Promise.reject(new Error("no storage"));
    const failures: unknown[] = [];
    const failing = await house.connected(alice, {
      storage: { entries: broken, put: broken, delete: broken, clear: broken },
      onStorageError: (error) => failures.push(error),
    });
    expect(failing.rooms.get().status).toBe("live");
    expect(failures.length, "reading, and looking for what is not theirs any more").toBe(2);
    const hang = () => new Promise<never>(() => {});
    const hanging = await house.connected(bob, { storage: { entries: hang, put: hang, delete: hang, clear: hang } });
    await house.clock.advance(2_100);
    expect(hanging.rooms.get().status).toBe("live");
  });
});
