import { describe, expect, test } from "vitest";
import type { RoomReset, RoomSnapshot } from "../../src/index.ts";
import { alice, carol, TestWorld } from "../support/test-world.ts";

describe("subscriptions", () => {
  test("are notified of a message in its own room and entry only", async () => {
    const world = new TestWorld();
    const [changed, unchanged] = [world.createRoom("Changed", 2), world.createRoom("Unchanged", 2)];
    const client = await world.connected();
    const [room, other] = [await world.open(client, changed), await world.open(client, unchanged)];
    const calls: string[] = [];
    room.subscribe(() => calls.push("changed"));
    other.subscribe(() => calls.push("unchanged"));
    client.rooms.entry(changed.id).subscribe(() => calls.push("changed entry"));
    client.rooms.entry(unchanged.id).subscribe(() => calls.push("unchanged entry"));
    client.me.subscribe(() => calls.push("me"));
    client.outbox.subscribe(() => calls.push("outbox"));
    client.connection.subscribe(() => calls.push("connection"));
    const otherSnapshot = other.get();
    const items = room.get().items;
    world.server.post(changed, carol, "hello");
    await world.clock.advance(50);
    expect(calls.sort()).toEqual(["changed", "changed entry"]);
    expect(other.get()).toBe(otherSnapshot);
    expect(room.get().items.slice(0, 2)).toEqual(items);
    expect(room.get().items[0], "an unchanged item stays the same object").toBe(items[0]);
  });

  test("get the same object until something changes", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const room = await world.open(client, world.createRoom("General", 3));
    for (const readable of [
      room,
      client.rooms,
      client.rooms.entry(room.id),
      client.me,
      client.outbox,
      client.connection,
    ]) {
      expect(readable.get()).toBe(readable.get());
    }
    expect(client.room(room.id)).toBe(room);
    expect(client.rooms.entry(room.id)).toBe(client.rooms.entry(room.id));
  });

  test("are notified once for all changes of a turn", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const room = await world.open(client, world.createRoom());
    const snapshots: RoomSnapshot[] = [];
    room.subscribe(() => snapshots.push(room.get()));
    room.send("one");
    room.send("two");
    room.send("three");
    await Promise.resolve();
    expect(snapshots.map(({ items }) => items.length)).toEqual([3]);
  });

  test("can be ended, and the same listener can subscribe twice", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const room = await world.open(client, world.createRoom());
    let calls = 0;
    const listener = () => {
      calls += 1;
    };
    const stop = room.subscribe(listener);
    room.subscribe(listener);
    stop();
    stop();
    room.send("one");
    await Promise.resolve();
    expect(calls).toBe(1);
  });

  test("receive every event of the log once and in order, and resets, with listen()", async () => {
    const world = new TestWorld({ maxReplayedEvents: 3, pageSize: 2 });
    const general = world.createRoom("General", 1);
    const client = world.client();
    const received: string[] = [];
    client.listen((event) => {
      if (event.on === "client.reset") received.push(`reset to ${(event satisfies RoomReset).seq}`);
      else if (event.on === "message.posted") received.push(event.message.body);
      else received.push(event.on);
    });
    client.connect();
    await world.clock.advance(200);
    world.server.faults = { deliveryDelaysMs: () => [0, 5] };
    world.server.post(general, carol, "a");
    world.server.post(general, carol, "b");
    await world.clock.advance(100);
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    for (let i = 0; i < 5; i += 1) world.server.post(general, carol, `missed ${i}`);
    world.network.isReachable = true;
    await world.clock.advance(5_000);
    world.server.post(general, carol, "c");
    await world.clock.advance(100);
    expect(received).toEqual(["reset to 2", "a", "b", "reset to 9", "c"]);
  });
});
