import { describe, expect, test } from "vitest";
import { ALICE, BOB, changedRoom, eventOf, newPlace, openStore, post, roomIn } from "../support/temp-store.ts";
import { testDatabase } from "../support/test-database.ts";

describe("rooms", () => {
  test("starts the log of a new room with its creation", async () => {
    const store = await openStore();
    const { room, events } = await store.rooms.create({ title: "General", topic: "all", staffOnly: true, by: ALICE });
    expect(room).toMatchObject({
      number: 1,
      title: "General",
      topic: "all",
      staffOnly: true,
      archived: false,
      kind: "open",
      slowModeSeconds: 0,
      people: [],
      lastSeq: 2,
    });
    expect(events).toEqual([
      { on: "room.created", room: room.id, seq: 1, by: ALICE },
      { on: "member.joined", room: room.id, seq: 2, user: ALICE, role: "owner", by: ALICE },
    ]);
    expect(await store.eventLog.readSince({ room: room.id, since: 0, limit: 10 })).toEqual(events);
  });

  test("counts numbers up and never reuses one, and allows equal titles", async () => {
    const place = await newPlace();
    const store = await testDatabase().open(place);
    const first = await roomIn(store, "Same");
    const second = await roomIn(store, "Same");
    expect(await store.rooms.delete({ room: second, by: null })).toEqual({ outcome: "deleted" });
    await store.close();
    const again = await openStore({ place });
    const { room } = await again.rooms.create({ title: "Same", by: null });
    expect(room.number).toBe(3);
    expect((await again.rooms.list()).map(({ id }) => id)).toEqual([first, room.id]);
  });

  test("finds a room by its id and by its number exactly as written", async () => {
    const store = await openStore();
    const id = await roomIn(store);
    for (const address of [id, 1, "1"]) expect((await store.rooms.find(address))?.id).toBe(id);
    for (const address of ["01", "+1", "1.0", " 1", "", "2", 2, 0, -1, 1.5, Number.NaN, "1e0", id.toUpperCase()]) {
      expect(await store.rooms.find(address), String(address)).toBeUndefined();
    }
  });

  test("logs the effective changes with the next seq", async () => {
    const store = await openStore();
    const id = await roomIn(store);
    const changed = await store.rooms.change({
      room: id,
      changes: { title: "New", topic: "", staffOnly: false, archived: true },
      by: BOB,
    });
    expect(eventOf(changed)).toEqual({
      on: "room.changed",
      room: id,
      seq: 2,
      by: BOB,
      changes: { title: "New", archived: true },
    });
    expect(changedRoom(changed)).toMatchObject({ title: "New", archived: true, lastSeq: 2 });
    expect(await store.rooms.find(id)).toEqual(changedRoom(changed));
  });

  test("logs nothing where nothing changes", async () => {
    const store = await openStore();
    const id = await roomIn(store);
    const changed = await store.rooms.change({ room: id, changes: { title: "General" }, by: BOB });
    expect(changed).toEqual({ outcome: "changed", room: await store.rooms.find(id) });
    expect(changedRoom(changed).lastSeq).toBe(1);
  });

  test("raises the access version by staff-only and archived, not by a title", async () => {
    const store = await openStore();
    const id = await roomIn(store);
    const accessVersion = async () => (await store.rooms.find(id))?.accessVersion;
    await store.rooms.change({ room: id, changes: { title: "New", topic: "new" }, by: null });
    expect(await accessVersion()).toBe(1);
    await store.rooms.change({ room: id, changes: { staffOnly: true }, by: null });
    expect(await accessVersion()).toBe(2);
    await store.rooms.change({ room: id, changes: { archived: true }, by: null });
    expect(await accessVersion()).toBe(3);
    await store.rooms.change({ room: id, changes: { archived: false, staffOnly: false }, by: null });
    expect(await accessVersion()).toBe(4);
  });

  test("are neither changed nor deleted at an access version that they have left", async () => {
    const store = await openStore();
    const id = await roomIn(store);
    const { accessVersion = 0 } = (await store.rooms.find(id)) ?? {};
    await store.rooms.change({ room: id, accessVersion, changes: { staffOnly: true }, by: null });
    const before = await store.rooms.find(id);
    const stale = { outcome: "stale" };
    for (const changes of [{ title: "x" }, { kind: "open" }, { staffOnly: true }, { archived: true }] as const) {
      expect(await store.rooms.change({ room: id, accessVersion, changes, by: BOB })).toEqual(stale);
    }
    expect(await store.rooms.delete({ room: id, accessVersion, by: BOB })).toEqual(stale);
    expect(await store.rooms.find(id)).toEqual(before);
    const current = { room: id, accessVersion: accessVersion + 1, by: BOB };
    eventOf(await store.rooms.change({ ...current, changes: { title: "New" } }));
    expect(await store.rooms.delete(current)).toEqual({ outcome: "deleted" });
  });

  test("keeps the log of a deleted room, which can no longer be found, changed or deleted", async () => {
    const store = await openStore();
    const id = await roomIn(store);
    await post(store, id);
    expect(await store.rooms.delete({ room: id, by: null })).toEqual({ outcome: "deleted" });
    expect(await store.rooms.find(id)).toBeUndefined();
    expect(await store.rooms.find(1)).toBeUndefined();
    expect(await store.rooms.list()).toEqual([]);
    const unknown = { outcome: "unknown" };
    expect(await store.rooms.change({ room: id, changes: { title: "x" }, by: null })).toEqual(unknown);
    expect(await store.rooms.delete({ room: id, by: null })).toEqual(unknown);
    expect(await store.eventLog.readSince({ room: id, since: 0, limit: 10 })).toHaveLength(2);
  });

  test("lists rooms with their latest seq", async () => {
    const store = await openStore();
    const id = await roomIn(store);
    await post(store, id);
    await post(store, id);
    expect((await store.rooms.find(id))?.lastSeq).toBe(3);
    await store.rooms.change({ room: id, changes: { title: "New" }, by: null });
    expect((await store.rooms.list())[0]).toMatchObject({ title: "New", lastSeq: 4 });
  });
});
