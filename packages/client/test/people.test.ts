import { describe, expect, test } from "vitest";
import type { RoomStore } from "../src/index.ts";
import { alice, bob, carol, TestWorld } from "./support/test-world.ts";

describe("who is writing", () => {
  test("is shown for six seconds, until they stop, or until their message comes; never oneself", async () => {
    const house = new TestWorld();
    const general = house.room("General", 1);
    const [hers, his] = [await house.connected(alice), await house.connected(bob)];
    const desk = await house.open(await house.connected(alice), general);
    const [room, other] = [await house.open(hers, general), await house.open(his, general)];
    const writing = () => room.get().typing.map(({ id }) => id);
    other.typing();
    desk.typing();
    await house.clock.advance(50);
    expect(writing()).toEqual(["bob"]);
    await house.clock.advance(6_000);
    expect(writing()).toEqual([]);
    other.typing();
    await house.clock.advance(50);
    expect(writing()).toEqual(["bob"]);
    other.stopTyping();
    await house.clock.advance(50);
    expect(writing()).toEqual([]);
    other.typing();
    await house.clock.advance(50);
    other.send("there");
    await house.clock.advance(50);
    expect(writing()).toEqual([]);
  });

  test("is told every three seconds at most, and not while the connection is away", async () => {
    const house = new TestWorld();
    const room = await house.open(await house.connected(), house.room());
    const told = () => house.server.answered.get("typing.start") ?? 0;
    for (let i = 0; i < 70; i += 1) {
      room.typing();
      await house.clock.advance(100);
    }
    expect(told()).toBe(3);
    house.network.reachable = false;
    house.line(alice).cut(true);
    room.typing();
    house.network.reachable = true;
    await house.clock.advance(5_000);
    expect(told()).toBe(3);
    room.stopTyping();
    await house.clock.advance(50);
    expect(house.server.answered.get("typing.stop"), "nobody believes that one is writing").toBeUndefined();
  });
});

describe("the members of a room", () => {
  test("are loaded when somebody looks, and follow the log", async () => {
    const house = new TestWorld();
    const general = house.server.addRoom("General", { members: [carol, alice] });
    const room = await house.open(await house.connected(), general);
    expect(room.members.get()).toEqual({ status: "cold", members: [], count: 0 });
    expect(house.server.answered.get("member.list")).toBeUndefined();
    room.members.subscribe(() => {});
    expect(room.members.get().status).toBe("loading");
    await house.clock.advance(50);
    const roles = () => room.members.get().members.map(({ user, role }) => `${user.username} ${role}`);
    expect(roles()).toEqual(["carol owner", "alice member"]);
    house.server.join(general, bob);
    house.server.changeMember(general, alice, "moderator", null);
    house.server.leave(general, carol, false);
    await house.clock.advance(50);
    expect(roles()).toEqual(["alice moderator", "bob member"]);
    expect(room.members.get()).toMatchObject({ status: "live", count: 2 });
    expect(room.get().role).toBe("moderator");
    expect(house.server.answered.get("member.list")).toBe(1);
  });

  test("that changed while the list was on its way are right in it", async () => {
    const delays: number[] = [];
    const house = new TestWorld({ read: () => delays.shift() ?? 0 });
    const general = house.server.addRoom("General", { members: [carol, alice] });
    const room = await house.open(await house.connected(), general);
    delays.push(300);
    room.members.subscribe(() => {});
    await house.clock.advance(20);
    house.server.leave(general, carol);
    house.server.join(general, bob);
    await house.clock.advance(500);
    expect(room.members.get().members.map(({ user }) => user.id)).toEqual(["alice", "bob"]);
  });

  test("beyond what one answer holds are counted, and asked for again when they change", async () => {
    const house = new TestWorld({ listedMembers: 2 });
    const general = house.server.addRoom("General", { members: [carol, alice, bob] });
    const room = await house.open(await house.connected(), general);
    room.members.subscribe(() => {});
    await house.clock.advance(50);
    expect(room.members.get()).toMatchObject({ count: 3, members: [{ user: carol }, { user: { id: "alice" } }] });
    house.server.leave(general, carol);
    await house.clock.advance(2_000);
    expect(room.members.get()).toMatchObject({
      count: 2,
      members: [{ user: { id: "alice" } }, { user: { id: "bob" } }],
    });
  });

  test("are forgotten with the room, and what one is in it", async () => {
    const house = new TestWorld();
    const secret = house.server.addRoom("Secret", { kind: "private", members: [carol, alice] });
    const client = await house.connected();
    const room = await house.open(client, secret);
    room.members.subscribe(() => {});
    room.pins.subscribe(() => {});
    house.server.pin(secret, house.server.post(secret, carol, "between us").id, true, carol);
    await house.clock.advance(1_500);
    expect(client.rooms.entry(secret.id).get()).toMatchObject({ kind: "private", role: "member" });
    expect(room.pins.get().messages).toHaveLength(1);
    house.server.leave(secret, alice, false);
    await house.clock.advance(50);
    expect(client.rooms.find(secret.id)).toBeUndefined();
    expect(room.get()).toMatchObject({ status: "gone", items: [], role: null });
    expect([room.members.get().members, room.pins.get().messages]).toEqual([[], []]);
    house.server.join(secret, alice);
    await house.clock.advance(500);
    expect(room.members.get().members).toHaveLength(2);
  });

  test("who is muted sees until when", async () => {
    const house = new TestWorld();
    const general = house.server.addRoom("General", { members: [carol, alice] });
    const client = await house.connected();
    const room = await house.open(client, general);
    const until = house.clock.now() + 60_000;
    house.server.changeMember(general, alice, "member", until);
    await house.clock.advance(50);
    expect(room.get().mutedUntil).toBe(until);
    expect(client.rooms.entry(general.id).get()).toMatchObject({ role: "member", mutedUntil: until });
  });
});

describe("who is banned from a room", () => {
  const names = (room: RoomStore) => room.bans.get().banned.map(({ user }) => user.username);

  test("is asked for when somebody looks, newest ban first, and follows the log", async () => {
    const house = new TestWorld();
    const general = house.server.addRoom("General", { members: [alice, bob, carol] });
    house.server.leave(general, carol, true);
    const room = await house.open(await house.connected(), general);
    expect(room.bans.get()).toEqual({ status: "cold", banned: [], count: 0 });
    expect(house.server.answered.get("member.bans")).toBeUndefined();
    room.bans.subscribe(() => {});
    await house.clock.advance(50);
    expect(names(room)).toEqual(["carol"]);
    const before = house.clock.now();
    house.server.leave(general, bob, true);
    await house.clock.advance(50);
    expect(room.bans.get()).toMatchObject({
      status: "live",
      count: 2,
      banned: [{ user: { id: "bob" }, by: null }, {}],
    });
    expect(room.bans.get().banned[0]?.at).toBeGreaterThanOrEqual(before);
    house.server.leave(general, carol, false);
    await house.clock.advance(50);
    expect(names(room)).toEqual(["bob"]);
    expect(room.bans.get().count).toBe(1);
    expect(house.server.answered.get("member.bans")).toBe(1);
  });

  test("is right, and in the right order, where it changed while the list was on its way", async () => {
    const delays: number[] = [];
    const house = new TestWorld({ read: () => delays.shift() ?? 0 });
    const general = house.server.addRoom("General", { members: [alice, bob, carol] });
    house.server.leave(general, carol, true);
    const room = await house.open(await house.connected(), general);
    delays.push(300);
    room.bans.subscribe(() => {});
    await house.clock.advance(20);
    house.server.leave(general, carol, false);
    house.server.leave(general, carol, true);
    house.server.leave(general, bob, true);
    await house.clock.advance(500);
    expect(room.bans.get()).toMatchObject({ status: "live", count: 2 });
    expect(names(room)).toEqual(["bob", "carol"]);
  });

  test("beyond what one answer holds is counted, and asked for again when it changes", async () => {
    const house = new TestWorld({ listedMembers: 1 });
    const general = house.server.addRoom("General", { members: [alice, bob, carol] });
    house.server.leave(general, carol, true);
    house.server.leave(general, bob, true);
    const room = await house.open(await house.connected(), general);
    room.bans.subscribe(() => {});
    await house.clock.advance(50);
    expect([names(room), room.bans.get().count]).toEqual([["bob"], 2]);
    house.server.leave(general, carol, false);
    await house.clock.advance(2_000);
    expect([names(room), room.bans.get().count]).toEqual([["bob"], 1]);
    expect(house.server.answered.get("member.bans")).toBe(2);
  });
});

describe("pinned messages", () => {
  test("are loaded when somebody looks, newest pin first, and follow what happens to them", async () => {
    const house = new TestWorld({ page: 2 });
    const general = house.room("General", 4);
    const [one, , three] = house.server.messagesOf(general);
    if (one === undefined || three === undefined) throw new Error("Expected messages.");
    house.server.pin(general, one.id, true, carol);
    const room = await house.open(await house.connected(), general);
    room.pins.subscribe(() => {});
    await house.clock.advance(50);
    const bodies = () => room.pins.get().messages.map(({ body }) => body);
    expect(bodies()).toEqual(["old 1"]);
    house.server.pin(general, three.id, true, carol);
    house.server.edit(general, one.id, "the first", carol);
    await house.clock.advance(50);
    expect(bodies()).toEqual(["old 3", "the first"]);
    expect(house.server.answered.get("pin.list")).toBe(1);
    house.server.delete(general, three.id, carol);
    house.server.pin(general, one.id, false, carol);
    await house.clock.advance(50);
    expect(bodies()).toEqual([]);
  });

  test("that are not loaded are asked for", async () => {
    const house = new TestWorld({ page: 1 });
    const general = house.room("General", 9);
    const room = await house.open(await house.connected(), general);
    room.pins.subscribe(() => {});
    await house.clock.advance(50);
    house.server.pin(general, house.server.messagesOf(general)[0]?.id ?? "", true, carol);
    await house.clock.advance(2_000);
    expect(room.pins.get().messages).toMatchObject([{ body: "old 1", pinned: true }]);
  });

  test("that may have changed during a break, and are not read again yet, are asked for", async () => {
    const delays: number[] = [];
    const house = new TestWorld({ page: 2, resumeEvents: 3, read: () => delays.shift() ?? 0 });
    const general = house.room("General", 2);
    const [one] = house.server.messagesOf(general);
    if (one === undefined) throw new Error("Expected a message.");
    const room = await house.open(await house.connected(), general);
    room.pins.subscribe(() => {});
    await house.clock.advance(50);
    house.network.reachable = false;
    house.line(alice).cut(true);
    house.server.edit(general, one.id, "the first", carol);
    for (let i = 1; i <= 5; i += 1) house.server.post(general, carol, `new ${i}`);
    house.network.reachable = true;
    const [toResume, toList, toPins, toPages] = [0, 0, 0, 1_000];
    delays.push(toResume, toList, toPins, toPages, toPages);
    while (room.get().lastSeq < general.log.length) await house.clock.advance(1);
    await house.clock.advance(50);
    expect(room.pins.get()).toEqual({ status: "live", messages: [] });
    expect(room.get().items[0], "still to be read again").toMatchObject({ message: { id: one.id, body: "old 1" } });
    house.server.pin(general, one.id, true, carol);
    await house.clock.advance(3_000);
    expect(room.pins.get()).toEqual({ status: "live", messages: house.server.messagesOf(general).slice(0, 1) });
  });
});

describe("presence", () => {
  test("of several people is asked for in one question, follows them, and is asked again after a break", async () => {
    const house = new TestWorld();
    house.room();
    const client = await house.connected();
    const his = await house.connected(bob);
    const [bobs, daves] = [client.presence.of("bob"), client.presence.of("dave")];
    expect(client.presence.of("bob")).toBe(bobs);
    for (const presence of [bobs, daves]) presence.subscribe(() => {});
    expect(bobs.get()).toBeUndefined();
    await house.clock.advance(50);
    expect([bobs.get()?.status, daves.get()?.status]).toEqual(["online", "offline"]);
    expect(house.server.answered.get("presence.list")).toBe(1);
    his.presence.set("busy", "on the phone");
    await house.clock.advance(50);
    expect(bobs.get()).toEqual({ user: "bob", status: "busy", text: "on the phone" });
    house.network.reachable = false;
    house.line(alice).cut(true);
    his.presence.set("online");
    house.network.reachable = true;
    await house.clock.advance(5_000);
    expect(bobs.get()).toMatchObject({ status: "online", text: "" });
  });

  test("of oneself is told again after each reconnect", async () => {
    const house = new TestWorld();
    house.room();
    const client = await house.connected();
    const told = () => [...house.server.doors].map(({ presence }) => presence.status);
    client.presence.set("busy", "thinking");
    expect(client.presence.own.get()).toEqual({ status: "busy", text: "thinking" });
    await house.clock.advance(50);
    expect(told()).toEqual(["busy"]);
    house.line(alice).cut(true);
    await house.clock.advance(5_000);
    expect(told()).toEqual(["busy"]);
  });

  test("becomes away when the page is hidden for five minutes, unless something else was set by hand", async () => {
    const house = new TestWorld();
    house.room();
    const client = await house.connected();
    const { own: mine } = client.presence;
    house.device.say("hidden");
    await house.clock.advance(299_000);
    expect(mine.get().status).toBe("online");
    await house.clock.advance(2_000);
    expect(mine.get().status).toBe("away");
    expect([...house.server.doors].map(({ presence }) => presence.status)).toEqual(["away"]);
    house.device.say("visible");
    expect(mine.get().status).toBe("online");
    client.presence.set("busy");
    house.device.say("hidden");
    await house.clock.advance(400_000);
    expect(mine.get().status).toBe("busy");
  });
});

test("a search finds messages, and can be given up", async () => {
  const house = new TestWorld();
  const general = house.room("General", 3);
  const client = await house.connected();
  const asked = client.search("old", { limit: 2 });
  await house.clock.advance(50);
  expect(await asked).toMatchObject({
    found: [{ message: { body: "old 1" }, room: { id: general.id } }, {}],
    cursor: null,
  });
  const patience = new AbortController();
  const given = client.search("old", { signal: patience.signal });
  patience.abort(new Error("never mind"));
  await expect(given).rejects.toThrow("never mind");
});
