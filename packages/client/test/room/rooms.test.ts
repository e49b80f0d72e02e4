import type { Author, ServerEvent } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
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
