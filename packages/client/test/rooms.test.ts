import { describe, expect, test } from "vitest";
import type { RoomReset, RoomSnapshot } from "../src/index.ts";
import { alice, bob, carol, shows, TestWorld } from "./support/test-world.ts";

const loses = (count: number) => {
  let left = count;
  return {
    deliver: () => {
      left -= 1;
      return left >= 0 ? [] : [0];
    },
  };
};

describe("the list of rooms", () => {
  test("is cold, then live with unread counts, then stale while the connection is away", async () => {
    const house = new TestWorld();
    house.room("General", 3);
    const client = house.client();
    expect(client.rooms.get()).toEqual({ status: "cold", rooms: [] });
    client.connect();
    await house.clock.advance(200);
    expect(client.rooms.get()).toMatchObject({ status: "live", rooms: [{ number: 1, title: "General", unread: 3 }] });
    house.line(alice).cut(true);
    expect(client.rooms.get()).toMatchObject({ status: "stale", rooms: [{ title: "General" }] });
  });

  test("follows what is created, renamed, closed and deleted", async () => {
    const house = new TestWorld();
    const general = house.room("General");
    const client = await house.connected(bob);
    const titles = () => client.rooms.get().rooms.map((room) => room.title);
    const news = house.room("News");
    await house.clock.advance(200);
    expect(titles()).toEqual(["General", "News"]);
    house.server.change(news, { title: "Old news" });
    await house.clock.advance(200);
    expect(titles()).toEqual(["General", "Old news"]);
    house.server.change(general, { staffOnly: true });
    await house.clock.advance(200);
    expect(titles()).toEqual(["Old news"]);
    house.server.remove(news);
    await house.clock.advance(200);
    expect(titles()).toEqual([]);
  });

  test("finds a room by id and by number, as a number and as an address spells it", async () => {
    const house = new TestWorld();
    const room = house.room();
    const client = await house.connected();
    for (const address of [room.id, 1, "1"]) expect(client.rooms.find(address)?.id).toBe(room.id);
    for (const address of ["01", "+1", "1.0", 2, "room-2"]) expect(client.rooms.find(address)).toBeUndefined();
  });

  test("counts what is unread in rooms that nobody has opened, as it comes, without one's own", async () => {
    const house = new TestWorld();
    const room = house.room();
    const client = await house.connected();
    const entry = client.rooms.entry(room.id);
    house.server.post(room, carol, "one");
    house.server.post(room, carol, "two");
    house.server.post(room, alice, "mine");
    await house.clock.advance(100);
    expect(entry.get()).toMatchObject({ unread: 2, lastSeq: 4 });
    expect(client.room(room.id).get()).toMatchObject({ status: "cold", items: [] });
  });

  test("says 100 for a hundred or more", async () => {
    const house = new TestWorld();
    const room = house.room("General", 60);
    const client = await house.connected();
    for (let i = 0; i < 60; i += 1) house.server.post(room, carol, "more");
    await house.clock.advance(100);
    expect(client.rooms.find(1)?.unread).toBe(100);
  });
});

describe("a room", () => {
  test("is cold, then loading, then live, then stale, and level again after a reconnect, in one round trip", async () => {
    const house = new TestWorld();
    const general = house.room("General", 2);
    const client = await house.connected();
    const room = client.room(general.id);
    expect(room.get().status).toBe("cold");
    room.open();
    expect(room.get().status).toBe("loading");
    await house.clock.advance(100);
    expect(room.get()).toMatchObject({ status: "live", lastSeq: 3, hasBefore: false });
    expect(shows(room)).toEqual(["old 1", "old 2"]);
    house.line(alice).cut(true);
    expect(room.get().status).toBe("stale");
    house.server.post(general, carol, "meanwhile");
    await house.clock.advance(257);
    expect(client.state.phase).toBe("open");
    expect(room.get().status).toBe("stale");
    await house.clock.advance(10);
    expect(room.get().status).toBe("live");
    expect(shows(room)).toEqual(["old 1", "old 2", "meanwhile"]);
    expect(house.server.answered.get("room.join")).toBe(1);
  });

  test("that is closed to this person says what the server said", async () => {
    const house = new TestWorld();
    const secret = house.server.addRoom("Secret", { staffOnly: true });
    const room = await house.open(await house.connected(bob), secret);
    expect(room.get()).toMatchObject({ status: "gone", error: { code: "ROOM_INVALID" }, items: [] });
    await expect(room.loadBefore()).rejects.toThrow();
  });

  test("that is taken away is gone, with everything in it, and comes back when it is given back", async () => {
    const house = new TestWorld();
    const general = house.room("General", 2);
    const room = await house.open(await house.connected(bob), general);
    house.server.change(general, { staffOnly: true });
    await house.clock.advance(100);
    expect(room.get()).toMatchObject({ status: "gone", error: null, items: [], room: undefined, lastSeq: 0 });
    house.server.change(general, { staffOnly: false });
    await house.clock.advance(100);
    expect(room.get().status).toBe("live");
    expect(shows(room)).toEqual(["old 1", "old 2"]);
  });

  test("that went while the connection was away is gone afterwards", async () => {
    const house = new TestWorld();
    const general = house.room();
    const room = await house.open(await house.connected(bob), general);
    house.line(bob).cut(true);
    house.server.remove(general);
    await house.clock.advance(1_000);
    expect(room.get().status).toBe("gone");
  });

  test("that went without a word is found gone when the list is looked at again", async () => {
    const house = new TestWorld();
    const general = house.room();
    const room = await house.open(await house.connected(bob), general);
    house.server.rooms.delete(general.id);
    await house.clock.advance(200_000);
    expect(room.get().status).toBe("live");
    await house.clock.advance(200_000);
    expect(room.get()).toMatchObject({ status: "gone", error: { code: "ROOM_INVALID" } });
  });

  test("shows events in order, once, though they come doubled, late and with holes", async () => {
    const house = new TestWorld();
    const general = house.room();
    const room = await house.open(await house.connected(), general);
    const late = [30, 0, 20, 10, 0];
    house.server.faults = { deliver: () => [late.shift() ?? 0, 40] };
    for (let i = 1; i <= 5; i += 1) house.server.post(general, carol, `${i}`);
    for (let i = 0; i < 12; i += 1) {
      await house.clock.advance(5);
      expect(["1", "2", "3", "4", "5"].slice(0, shows(room).length)).toEqual(shows(room));
    }
    expect(shows(room)).toEqual(["1", "2", "3", "4", "5"]);
    expect(house.server.answered.get("room.join"), "a hole that closes by itself is not asked for").toBe(1);
  });

  test("asks for what is missing, once, and shows nothing out of order meanwhile", async () => {
    const house = new TestWorld({ resumeEvents: 50 });
    const general = house.room();
    const room = await house.open(await house.connected(), general);
    house.server.faults = loses(1);
    house.server.post(general, carol, "lost");
    for (let i = 0; i < 10; i += 1) house.server.post(general, carol, `after ${i}`);
    await house.clock.advance(20);
    expect(shows(room)).toEqual([]);
    await house.clock.advance(200);
    expect(shows(room)).toHaveLength(11);
    expect(shows(room)[0]).toBe("lost");
    expect(house.server.answered.get("room.join")).toBe(2);
  });

  test("finds what was lost without anything after it when the list is looked at again", async () => {
    const house = new TestWorld();
    const general = house.room();
    const room = await house.open(await house.connected(), general);
    house.server.faults = loses(1);
    house.server.post(general, carol, "the last word");
    await house.clock.advance(200_000);
    expect(shows(room)).toEqual([]);
    await house.clock.advance(200_000);
    expect(shows(room)).toEqual(["the last word"]);
  });

  test("after too long a break shows a gap, which can be loaded from either side", async () => {
    const house = new TestWorld({ resumeEvents: 5, page: 3 });
    const general = house.room("General", 2);
    const client = await house.connected(alice, { pageSize: 4 });
    const room = await house.open(client, general);
    house.network.reachable = false;
    house.line(alice).cut(true);
    for (let i = 1; i <= 20; i += 1) house.server.post(general, carol, `new ${i}`);
    house.network.reachable = true;
    await house.clock.advance(10_000);
    expect(shows(room)).toEqual(["old 1", "old 2", "… 3 to 21", "new 18", "new 19", "new 20"]);
    const gap = () => {
      const item = room.get().items.find(({ kind }) => kind === "gap");
      if (item?.kind !== "gap") throw new Error("There is no gap.");
      return item;
    };
    void room.loadGap(gap());
    await house.clock.advance(50);
    expect(shows(room).slice(0, 7)).toEqual(["old 1", "old 2", "new 1", "new 2", "new 3", "new 4", "… 7 to 21"]);
    void room.loadGap(gap(), "below");
    await house.clock.advance(50);
    expect(shows(room).slice(6, 9)).toEqual(["… 7 to 17", "new 14", "new 15"]);
    for (let i = 0; i < 3; i += 1) {
      void room.loadGap(gap());
      await house.clock.advance(50);
    }
    expect(room.get().items.filter(({ kind }) => kind !== "message")).toEqual([]);
    expect(shows(room)).toHaveLength(22);
  });

  test("whose answer came without messages asks for them by itself", async () => {
    const house = new TestWorld({ resumeEvents: 5, page: 3, answerMessages: 0 });
    const general = house.room("General", 2);
    const room = await house.open(await house.connected(), general);
    house.network.reachable = false;
    house.line(alice).cut(true);
    for (let i = 1; i <= 10; i += 1) house.server.post(general, carol, `new ${i}`);
    house.network.reachable = true;
    await house.clock.advance(10_000);
    expect(shows(room).at(-1)).toBe("new 10");
  });

  test("starts afresh when the server's database is another one", async () => {
    const house = new TestWorld();
    const general = house.room("General", 5);
    const room = await house.open(await house.connected(), general);
    house.server.kill();
    house.server.epoch = "epoch-2";
    general.cut(3);
    house.server.post(general, carol, "another past");
    house.server.start();
    await house.clock.advance(10_000);
    expect(room.get()).toMatchObject({ status: "live", lastSeq: 4 });
    expect(shows(room)).toEqual(["old 1", "old 2", "another past"]);
  });

  test("tells who entered and left, in their place, the last fifty", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const room = await house.open(await house.connected(), general);
    const bobHimself = { id: "bob", username: "bob" };
    house.line(alice).tell({ on: "room.entered", room: general.id, user: bobHimself });
    await house.clock.advance(50);
    house.server.post(general, carol, "hi bob");
    house.line(alice).tell({ on: "room.exited", room: general.id, user: bobHimself });
    await house.clock.advance(50);
    expect(room.get().notices).toMatchObject([
      { kind: "entered", user: bobHimself, afterSeq: 2 },
      { kind: "left", user: bobHimself, afterSeq: 3 },
    ]);
    for (let i = 0; i < 60; i += 1) house.line(alice).tell({ on: "room.exited", room: general.id, user: bobHimself });
    await house.clock.advance(50);
    expect(room.get().notices).toHaveLength(50);
  });
});

describe("words that overtake each other", () => {
  test("a room that is made while the list is on its way stays in it", async () => {
    const house = new TestWorld({ read: () => 100 });
    house.room("General");
    const client = house.client();
    client.connect();
    await house.clock.advance(15);
    house.room("Brand new");
    await house.clock.advance(400);
    expect(client.rooms.get().rooms.map(({ title }) => title)).toEqual(["General", "Brand new"]);
  });

  test("a room that is taken away while the answer to joining it is on its way is gone", async () => {
    const house = new TestWorld({ read: () => 100 });
    const general = house.room("General", 1);
    const client = house.client(bob);
    client.connect();
    await house.clock.advance(500);
    const room = client.room(general.id);
    room.open();
    await house.clock.advance(20);
    house.server.change(general, { staffOnly: true });
    await house.clock.advance(300);
    expect(room.get()).toMatchObject({ status: "gone", items: [] });
  });

  test("a room that comes back while its refusal is on its way is joined", async () => {
    const house = new TestWorld();
    const general = house.server.addRoom("General", { staffOnly: true });
    const client = await house.connected(bob);
    const room = client.room(general.id);
    room.open();
    // Asked and refused; the refusal is on its way when the room is opened to everybody.
    await house.clock.advance(5);
    house.server.change(general, { staffOnly: false });
    await house.clock.advance(200);
    expect(room.get().status).toBe("live");
  });

  test("word of a room before it is known who one is does not mistake whose messages are whose", async () => {
    const delays = [100];
    const house = new TestWorld({ read: () => delays.shift() ?? 0 });
    const general = house.room();
    house.server.post(general, alice, "mine");
    const client = house.client();
    client.room(general.id).open();
    client.connect();
    await house.clock.advance(15);
    house.server.change(general, { title: "Renamed" });
    await house.clock.advance(600);
    expect(client.room(general.id).get().items).toMatchObject([{ own: true }]);
    expect(client.rooms.find(1)).toMatchObject({ title: "Renamed", unread: 0 });
  });

  test("an answer from before a change does not undo it", async () => {
    const house = new TestWorld({ read: () => 100 });
    const general = house.room();
    const client = await house.connected();
    await house.clock.advance(300);
    const room = client.room(general.id);
    room.open();
    await house.clock.advance(20);
    house.server.change(general, { title: "Renamed" });
    await house.clock.advance(300);
    expect(room.get().room?.title).toBe("Renamed");
    expect(client.rooms.find(1)?.title).toBe("Renamed");
  });
});

describe("older messages", () => {
  test("come page by page until the beginning, one load at a time", async () => {
    const house = new TestWorld({ page: 3 });
    const general = house.room("General", 10);
    const room = await house.open(await house.connected(alice, { pageSize: 4 }), general);
    expect(room.get()).toMatchObject({ hasBefore: true, loadingBefore: false });
    const loading = room.loadBefore();
    expect(room.loadBefore()).toBe(loading);
    expect(room.get().loadingBefore).toBe(true);
    await house.clock.advance(50);
    expect(shows(room)).toHaveLength(7);
    expect(room.get()).toMatchObject({ hasBefore: true, loadingBefore: false });
    void room.loadBefore();
    await house.clock.advance(50);
    expect(shows(room)[0]).toBe("old 1");
    expect(room.get().hasBefore).toBe(false);
    await room.loadBefore();
    expect(house.server.answered.get("history.page")).toBe(2);
  });

  test("around a link come with a gap before the newest", async () => {
    const house = new TestWorld({ page: 2 });
    const general = house.room("General", 30);
    const client = await house.connected(alice, { pageSize: 4 });
    const room = client.room(general.id);
    room.open();
    void room.loadAround(11);
    await house.clock.advance(100);
    expect(shows(room)).toEqual(["old 8", "old 9", "old 10", "old 11", "… 12 to 30", "old 29", "old 30"]);
    expect(room.get().hasBefore).toBe(true);
    await room.loadAround(12);
    expect(house.server.answered.get("history.page")).toBe(1);
  });

  test("that cannot be had say why, and the view stays", async () => {
    const house = new TestWorld({ page: 2 });
    const room = await house.open(await house.connected(), house.room("General", 9));
    house.line(alice).cut(true);
    await expect(room.loadBefore()).rejects.toMatchObject({ name: "ConnectionLost" });
    expect(room.get()).toMatchObject({ loadingBefore: false, hasBefore: true });
    expect(shows(room)).toHaveLength(2);
  });

  test("of a room that is not open are not loaded", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    await expect(client.room(house.room().id).loadBefore()).rejects.toThrow(/open\(\)/);
  });

  test("are kept up to a bound: what is farthest from where the person looks goes, and says so", async () => {
    const house = new TestWorld({ page: 50 });
    const general = house.room("General", 500);
    const room = await house.open(await house.connected(alice, { maxMessages: 200, pageSize: 100 }), general);
    const load = async () => {
      void room.loadBefore();
      await house.clock.advance(50);
    };
    const messages = () => room.get().items.filter(({ kind }) => kind === "message").length;
    await load();
    expect(messages()).toBe(150);
    await load();
    // Looking at the old end: the newest hundred stay, what lies between goes.
    expect(messages()).toBe(180);
    expect(shows(room)[0]).toBe("old 311");
    expect(shows(room).at(-1)).toBe("old 500");
    expect(shows(room).filter((line) => line.startsWith("…"))).toHaveLength(1);
    // Back at the end: the old ones go.
    room.setViewedSeq(null);
    for (let i = 0; i < 100; i += 1) house.server.post(general, carol, `new ${i}`);
    await house.clock.advance(50);
    expect(messages()).toBeLessThanOrEqual(200);
    expect(room.get().hasBefore).toBe(true);
    expect(shows(room).at(-1)).toBe("new 99");
  });
});

describe("reading", () => {
  test("moves the marker here at once, on the server soon, and on the person's other device", async () => {
    const house = new TestWorld();
    const general = house.room("General", 4);
    const desk = await house.connected();
    const phone = await house.connected();
    const room = await house.open(desk, general);
    expect(room.get().unread).toBe(4);
    room.markRead(3);
    expect(room.get()).toMatchObject({ unread: 2, readSeq: 3 });
    expect(desk.rooms.find(1)?.unread).toBe(2);
    await house.clock.advance(300);
    expect(phone.rooms.find(1)?.unread).toBe(2);
    room.markRead(5);
    await house.clock.advance(1_300);
    expect(phone.rooms.find(1)?.unread).toBe(0);
    expect(house.server.state(alice, general)).toMatchObject({ readSeq: 5, unread: 0 });
  });

  test("does not go back, nor beyond the end", async () => {
    const house = new TestWorld();
    const room = await house.open(await house.connected(), house.room("General", 4));
    room.markRead(99);
    expect(room.get().readSeq).toBe(5);
    room.markRead(2);
    expect(room.get().readSeq).toBe(5);
  });

  test("is told to the server at most once a second, the last word in any case", async () => {
    const house = new TestWorld();
    const general = house.room("General", 50);
    const room = await house.open(await house.connected(), general);
    for (let seq = 1; seq <= 50; seq += 1) {
      room.markRead(seq);
      await house.clock.advance(50);
    }
    await house.clock.advance(2_000);
    expect(house.server.state(alice, general).readSeq).toBe(50);
    expect(house.server.answered.get("room.read")).toBeLessThanOrEqual(4);
  });

  test("while the connection is away reaches the server afterwards", async () => {
    const house = new TestWorld();
    const general = house.room("General", 4);
    const room = await house.open(await house.connected(), general);
    house.line(alice).cut(true);
    room.markRead(4);
    await house.clock.advance(3_000);
    expect(house.server.state(alice, general).readSeq).toBe(4);
  });
});

describe("subscriptions", () => {
  test("a message touches its own room and its entry, and nothing else", async () => {
    const house = new TestWorld();
    const [here, there] = [house.room("Here", 2), house.room("There", 2)];
    const client = await house.connected();
    const [room, other] = [await house.open(client, here), await house.open(client, there)];
    const calls: string[] = [];
    room.subscribe(() => calls.push("here"));
    other.subscribe(() => calls.push("there"));
    client.rooms.entry(here.id).subscribe(() => calls.push("entry here"));
    client.rooms.entry(there.id).subscribe(() => calls.push("entry there"));
    client.me.subscribe(() => calls.push("me"));
    client.outbox.subscribe(() => calls.push("outbox"));
    client.connection.subscribe(() => calls.push("connection"));
    const before = other.get();
    const items = room.get().items;
    house.server.post(here, carol, "hello");
    await house.clock.advance(50);
    expect(calls.sort()).toEqual(["entry here", "here"]);
    expect(other.get()).toBe(before);
    expect(room.get().items.slice(0, 2)).toEqual(items);
    expect(room.get().items[0], "what has not changed stays the same object").toBe(items[0]);
  });

  test("what `get` returns is the same until something changes", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const room = await house.open(client, house.room("General", 3));
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

  test("listeners are called once for all changes of a turn, and see the last", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const room = await house.open(client, house.room());
    const seen: RoomSnapshot[] = [];
    room.subscribe(() => seen.push(room.get()));
    room.send("one");
    room.send("two");
    room.send("three");
    await Promise.resolve();
    expect(seen.map(({ items }) => items.length)).toEqual([3]);
  });

  test("can be stopped, and one that is made twice is two", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const room = await house.open(client, house.room());
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

  test("tools hear every event of the log once and in order, and of resets", async () => {
    const house = new TestWorld({ resumeEvents: 3, page: 2 });
    const general = house.room("General", 1);
    const client = house.client();
    const heard: string[] = [];
    client.listen((event) => {
      if (event.on === "client.reset") heard.push(`reset to ${(event satisfies RoomReset).seq}`);
      else if (event.on === "message.posted") heard.push(event.message.body);
      else heard.push(event.on);
    });
    client.connect();
    await house.clock.advance(200);
    house.server.faults = { deliver: () => [0, 5] };
    house.server.post(general, carol, "a");
    house.server.post(general, carol, "b");
    await house.clock.advance(100);
    house.network.reachable = false;
    house.line(alice).cut(true);
    for (let i = 0; i < 5; i += 1) house.server.post(general, carol, `missed ${i}`);
    house.network.reachable = true;
    await house.clock.advance(5_000);
    house.server.post(general, carol, "c");
    await house.clock.advance(100);
    expect(heard).toEqual(["reset to 2", "a", "b", "reset to 9", "c"]);
  });
});

describe("rooms that are not looked at any more", () => {
  test("keep their messages up to a bound, and load again beyond it", async () => {
    const house = new TestWorld();
    const rooms = [1, 2, 3].map((n) => house.room(`Room ${n}`, 1));
    const client = await house.connected(alice, { maxIdleRooms: 1 });
    for (const { id } of rooms) {
      const close = client.room(id).open();
      await house.clock.advance(100);
      close();
      close();
    }
    expect(rooms.map(({ id }) => client.room(id).get().status)).toEqual(["cold", "cold", "live"]);
    client.room(rooms[0]?.id ?? "").open();
    await house.clock.advance(100);
    expect(client.room(rooms[0]?.id ?? "").get().status).toBe("live");
  });

  test("are left after ten seconds where only open rooms are heard, and caught up with when opened again", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const client = await house.connected(alice, { subscribeTo: "opened" });
    expect([...house.server.doors].map((door) => door.hears.size)).toEqual([0]);
    const room = client.room(general.id);
    const close = room.open();
    await house.clock.advance(100);
    close();
    await house.clock.advance(9_000);
    expect(room.get().status).toBe("live");
    await house.clock.advance(2_000);
    expect(room.get().status).toBe("stale");
    house.server.post(general, carol, "while away");
    room.open();
    await house.clock.advance(100);
    expect(room.get().status).toBe("live");
    expect(shows(room)).toEqual(["old 1", "while away"]);
  });

  test("are not left while what is missing there is being asked for, but later", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const client = await house.connected(alice, { subscribeTo: "opened" });
    const room = client.room(general.id);
    const close = room.open();
    await house.clock.advance(100);
    close();
    await house.clock.advance(9_900);
    house.server.faults = loses(1);
    house.server.post(general, carol, "lost");
    house.server.post(general, carol, "after it");
    // Asked for at 9,995 ms, answered at 10,005 ms.
    await house.clock.advance(200);
    const heard = () => [...house.server.doors].some((door) => door.hears.has(general.id));
    expect({ status: room.get().status, heard: heard() }).toEqual({ status: "live", heard: true });
    expect(shows(room)).toEqual(["old 1", "lost", "after it"]);
    await house.clock.advance(10_000);
    expect({ status: room.get().status, heard: heard() }).toEqual({ status: "stale", heard: false });
  });
});
