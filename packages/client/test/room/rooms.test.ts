import type { Author, ServerEvent } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import type { RoomReset, RoomSnapshot } from "../../src/index.ts";
import { alice, bob, carol, shownItems, TestWorld } from "../support/test-world.ts";

/** Loses the next `count` deliveries. */
const loseEvents = (count: number) => {
  let remaining = count;
  return {
    deliveryDelaysMs: () => {
      remaining -= 1;
      return remaining >= 0 ? [] : [0];
    },
  };
};

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

describe("a room", () => {
  test("is cold, loading, live, stale, and live again after a reconnect in one round trip", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 2);
    const client = await world.connected();
    const room = client.room(general.id);
    expect(room.get().status).toBe("cold");
    room.open();
    expect(room.get().status).toBe("loading");
    await world.clock.advance(100);
    expect(room.get()).toMatchObject({ status: "live", lastSeq: 3, hasBefore: false });
    expect(shownItems(room)).toEqual(["old 1", "old 2"]);
    world.socket(alice).cut({ isNoticed: true });
    expect(room.get().status).toBe("stale");
    world.server.post(general, carol, "meanwhile");
    await world.clock.advance(257);
    expect(client.state.phase).toBe("open");
    expect(room.get().status).toBe("stale");
    await world.clock.advance(10);
    expect(room.get().status).toBe("live");
    expect(shownItems(room)).toEqual(["old 1", "old 2", "meanwhile"]);
    expect(world.server.answerCounts.get("room.join")).toBe(1);
  });

  test("shows the server's error without access", async () => {
    const world = new TestWorld();
    const secret = world.server.addRoom("Secret", { staffOnly: true });
    const room = await world.open(await world.connected(bob), secret);
    expect(room.get()).toMatchObject({ status: "gone", error: { code: "ROOM_INVALID" }, items: [] });
    await expect(room.loadBefore()).rejects.toThrow();
  });

  test("is gone with its content when it is taken away, and comes back with the access", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 2);
    const room = await world.open(await world.connected(bob), general);
    world.server.changeRoom(general, { staffOnly: true });
    await world.clock.advance(100);
    expect(room.get()).toMatchObject({ status: "gone", error: null, items: [], room: undefined, lastSeq: 0 });
    world.server.changeRoom(general, { staffOnly: false });
    await world.clock.advance(100);
    expect(room.get().status).toBe("live");
    expect(shownItems(room)).toEqual(["old 1", "old 2"]);
  });

  test("is gone after the reconnect when it was taken away without a connection", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const room = await world.open(await world.connected(bob), general);
    world.socket(bob).cut({ isNoticed: true });
    world.server.removeRoom(general);
    await world.clock.advance(1_000);
    expect(room.get().status).toBe("gone");
  });

  test("is gone after the audit of the list when it was taken away without an event", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const room = await world.open(await world.connected(bob), general);
    world.server.rooms.delete(general.id);
    await world.clock.advance(200_000);
    expect(room.get().status).toBe("live");
    await world.clock.advance(200_000);
    expect(room.get()).toMatchObject({ status: "gone", error: { code: "ROOM_INVALID" } });
  });

  test("shows events in order and once, though they arrive duplicated, late and with gaps", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const room = await world.open(await world.connected(), general);
    const delaysMs = [30, 0, 20, 10, 0];
    world.server.faults = { deliveryDelaysMs: () => [delaysMs.shift() ?? 0, 40] };
    for (let i = 1; i <= 5; i += 1) world.server.post(general, carol, `${i}`);
    for (let i = 0; i < 12; i += 1) {
      await world.clock.advance(5);
      expect(["1", "2", "3", "4", "5"].slice(0, shownItems(room).length)).toEqual(shownItems(room));
    }
    expect(shownItems(room)).toEqual(["1", "2", "3", "4", "5"]);
    expect(world.server.answerCounts.get("room.join"), "a gap that closes by itself is not fetched").toBe(1);
  });

  test("fetches missing events once, and shows nothing out of order meanwhile", async () => {
    const world = new TestWorld({ maxReplayedEvents: 50 });
    const general = world.createRoom();
    const room = await world.open(await world.connected(), general);
    world.server.faults = loseEvents(1);
    world.server.post(general, carol, "lost");
    for (let i = 0; i < 10; i += 1) world.server.post(general, carol, `after ${i}`);
    await world.clock.advance(20);
    expect(shownItems(room)).toEqual([]);
    await world.clock.advance(200);
    expect(shownItems(room)).toHaveLength(11);
    expect(shownItems(room)[0]).toBe("lost");
    expect(world.server.answerCounts.get("room.join")).toBe(2);
  });

  test("detects a lost last event by the audit of the list", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const room = await world.open(await world.connected(), general);
    world.server.faults = loseEvents(1);
    world.server.post(general, carol, "the last word");
    await world.clock.advance(200_000);
    expect(shownItems(room)).toEqual([]);
    await world.clock.advance(200_000);
    expect(shownItems(room)).toEqual(["the last word"]);
  });

  test("shows a gap after a break that was too long, which can be loaded from either side", async () => {
    const world = new TestWorld({ maxReplayedEvents: 5, pageSize: 3 });
    const general = world.createRoom("General", 2);
    const client = await world.connected(alice, { pageSize: 4 });
    const room = await world.open(client, general);
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    for (let i = 1; i <= 20; i += 1) world.server.post(general, carol, `new ${i}`);
    world.network.isReachable = true;
    await world.clock.advance(10_000);
    expect(shownItems(room)).toEqual(["old 1", "old 2", "… 3 to 21", "new 18", "new 19", "new 20"]);
    const gap = () => {
      const item = room.get().items.find(({ kind }) => kind === "gap");
      if (item?.kind !== "gap") throw new Error("Expected a gap.");
      return item;
    };
    void room.loadGap(gap());
    await world.clock.advance(50);
    expect(shownItems(room).slice(0, 7)).toEqual(["old 1", "old 2", "new 1", "new 2", "new 3", "new 4", "… 7 to 21"]);
    void room.loadGap(gap(), "below");
    await world.clock.advance(50);
    expect(shownItems(room).slice(6, 9)).toEqual(["… 7 to 17", "new 14", "new 15"]);
    for (let i = 0; i < 3; i += 1) {
      void room.loadGap(gap());
      await world.clock.advance(50);
    }
    expect(room.get().items.filter(({ kind }) => kind !== "message")).toEqual([]);
    expect(shownItems(room)).toHaveLength(22);
  });

  test("loads messages by itself when the answer had none", async () => {
    const world = new TestWorld({ maxReplayedEvents: 5, pageSize: 3, maxResumeMessages: 0 });
    const general = world.createRoom("General", 2);
    const room = await world.open(await world.connected(), general);
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    for (let i = 1; i <= 10; i += 1) world.server.post(general, carol, `new ${i}`);
    world.network.isReachable = true;
    await world.clock.advance(10_000);
    expect(shownItems(room).at(-1)).toBe("new 10");
  });

  test("starts again when the server's database was replaced", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 5);
    const room = await world.open(await world.connected(), general);
    world.server.kill();
    world.server.epoch = "epoch-2";
    general.truncate(3);
    world.server.post(general, carol, "another past");
    world.server.start();
    await world.clock.advance(10_000);
    expect(room.get()).toMatchObject({ status: "live", lastSeq: 4 });
    expect(shownItems(room)).toEqual(["old 1", "old 2", "another past"]);
  });

  test("shows who entered and left in differences of several users, without the user, and how many are there", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const room = await world.open(await world.connected(), general);
    expect(room.get().occupants).toBeNull();
    const [self, bobAuthor, carolAuthor] = [alice, bob, carol].map(({ id, username }) => ({
      id,
      username,
    })) as [Author, Author, Author];
    const send = (event: ServerEvent) => world.socket(alice).sendFromServer(event);
    send({ on: "room.occupancy", room: general.id, count: 3, entered: [self, bobAuthor, carolAuthor], exited: [] });
    await world.clock.advance(50);
    expect(room.get().occupants).toBe(3);
    send({ on: "room.occupancy", room: general.id, count: 2, entered: [], exited: [bobAuthor] });
    send({ on: "room.entered", room: general.id, user: bobAuthor, count: 3 });
    send({ on: "room.occupancy", room: general.id, count: 1_500 });
    await world.clock.advance(50);
    expect(room.get().notices.map(({ kind, user }) => `${kind} ${user.username}`)).toEqual([
      `entered ${bobAuthor.username}`,
      `entered ${carolAuthor.username}`,
      `left ${bobAuthor.username}`,
      `entered ${bobAuthor.username}`,
    ]);
    expect(room.get().occupants).toBe(1_500);
    send({ on: "room.exited", room: general.id, user: bobAuthor });
    await world.clock.advance(50);
    expect(room.get().occupants, "an older server says no number").toBe(1_500);
    world.server.kill();
    await world.clock.advance(50);
    expect(room.get().occupants).toBeNull();
  });

  test("shows the last fifty users who entered and left, in their place", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const room = await world.open(await world.connected(), general);
    const bobAuthor = { id: "bob", username: "bob" };
    world.socket(alice).sendFromServer({ on: "room.entered", room: general.id, user: bobAuthor });
    await world.clock.advance(50);
    world.server.post(general, carol, "hi bob");
    world.socket(alice).sendFromServer({ on: "room.exited", room: general.id, user: bobAuthor });
    await world.clock.advance(50);
    expect(room.get().notices).toMatchObject([
      { kind: "entered", user: bobAuthor, afterSeq: 2 },
      { kind: "left", user: bobAuthor, afterSeq: 3 },
    ]);
    for (let i = 0; i < 60; i += 1)
      world.socket(alice).sendFromServer({ on: "room.exited", room: general.id, user: bobAuthor });
    await world.clock.advance(50);
    expect(room.get().notices).toHaveLength(50);
  });
});

describe("answers and events in the wrong order", () => {
  test("keep a room in the list that is created while the list is loading", async () => {
    const world = new TestWorld({ readDelayMs: () => 100 });
    world.createRoom("General");
    const client = world.client();
    client.connect();
    await world.clock.advance(15);
    world.createRoom("Brand new");
    await world.clock.advance(400);
    expect(client.rooms.get().rooms.map(({ title }) => title)).toEqual(["General", "Brand new"]);
  });

  test("remove a room that is taken away while its join is pending", async () => {
    const world = new TestWorld({ readDelayMs: () => 100 });
    const general = world.createRoom("General", 1);
    const client = world.client(bob);
    client.connect();
    await world.clock.advance(500);
    const room = client.room(general.id);
    room.open();
    await world.clock.advance(20);
    world.server.changeRoom(general, { staffOnly: true });
    await world.clock.advance(300);
    expect(room.get()).toMatchObject({ status: "gone", items: [] });
  });

  test("join a room that comes back while its refusal is on its way", async () => {
    const world = new TestWorld();
    const general = world.server.addRoom("General", { staffOnly: true });
    const client = await world.connected(bob);
    const room = client.room(general.id);
    room.open();
    // The join was refused; the refusal is on its way when the room is opened to all users.
    await world.clock.advance(5);
    world.server.changeRoom(general, { staffOnly: false });
    await world.clock.advance(200);
    expect(room.get().status).toBe("live");
  });

  test("do not confuse the authors of messages before the user is known", async () => {
    const delays = [100];
    const world = new TestWorld({ readDelayMs: () => delays.shift() ?? 0 });
    const general = world.createRoom();
    world.server.post(general, alice, "mine");
    const client = world.client();
    client.room(general.id).open();
    client.connect();
    await world.clock.advance(15);
    world.server.changeRoom(general, { title: "Renamed" });
    await world.clock.advance(600);
    expect(client.room(general.id).get().items).toMatchObject([{ own: true }]);
    expect(client.rooms.find(1)).toMatchObject({ title: "Renamed", unread: 0 });
  });

  test("do not undo a change with an older answer", async () => {
    const world = new TestWorld({ readDelayMs: () => 100 });
    const general = world.createRoom();
    const client = await world.connected();
    await world.clock.advance(300);
    const room = client.room(general.id);
    room.open();
    await world.clock.advance(20);
    world.server.changeRoom(general, { title: "Renamed" });
    await world.clock.advance(300);
    expect(room.get().room?.title).toBe("Renamed");
    expect(client.rooms.find(1)?.title).toBe("Renamed");
  });
});

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

describe("closed rooms", () => {
  test("keep their messages up to a limit, and load them again beyond it", async () => {
    const world = new TestWorld();
    const rooms = [1, 2, 3].map((n) => world.createRoom(`Room ${n}`, 1));
    const client = await world.connected(alice, { maxIdleRooms: 1 });
    for (const { id } of rooms) {
      const close = client.room(id).open();
      await world.clock.advance(100);
      close();
      close();
    }
    expect(rooms.map(({ id }) => client.room(id).get().status)).toEqual(["cold", "cold", "live"]);
    client.room(rooms[0]?.id ?? "").open();
    await world.clock.advance(100);
    expect(client.room(rooms[0]?.id ?? "").get().status).toBe("live");
  });

  test('are left after ten seconds with `subscribeTo: "opened"`, and catch up when opened again', async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const client = await world.connected(alice, { subscribeTo: "opened" });
    expect([...world.server.connections].map((connection) => connection.joinedRooms.size)).toEqual([0]);
    const room = client.room(general.id);
    const close = room.open();
    await world.clock.advance(100);
    close();
    await world.clock.advance(9_000);
    expect(room.get().status).toBe("live");
    await world.clock.advance(2_000);
    expect(room.get().status).toBe("stale");
    world.server.post(general, carol, "while away");
    room.open();
    await world.clock.advance(100);
    expect(room.get().status).toBe("live");
    expect(shownItems(room)).toEqual(["old 1", "while away"]);
  });

  test("are not left while their missing events are being fetched, but later", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const client = await world.connected(alice, { subscribeTo: "opened" });
    const room = client.room(general.id);
    const close = room.open();
    await world.clock.advance(100);
    close();
    await world.clock.advance(9_900);
    world.server.faults = loseEvents(1);
    world.server.post(general, carol, "lost");
    world.server.post(general, carol, "after it");
    // Requested at 9,995 ms, answered at 10,005 ms.
    await world.clock.advance(200);
    const isJoined = () => [...world.server.connections].some((connection) => connection.joinedRooms.has(general.id));
    expect({ status: room.get().status, isJoined: isJoined() }).toEqual({ status: "live", isJoined: true });
    expect(shownItems(room)).toEqual(["old 1", "lost", "after it"]);
    await world.clock.advance(10_000);
    expect({ status: room.get().status, isJoined: isJoined() }).toEqual({ status: "stale", isJoined: false });
  });
});
