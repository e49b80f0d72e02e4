import { describe, expect, test } from "vitest";
import { ConnectionLost, type RoomStore } from "../../src/index.ts";
import { alice, bob, carol, TestWorld } from "../support/test-world.ts";

describe("typing users", () => {
  test("are shown for six seconds, until they stop, or until their message arrives, without the user", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const [aliceClient, bobClient] = [await world.connected(alice), await world.connected(bob)];
    const desk = await world.open(await world.connected(alice), general);
    const [room, other] = [await world.open(aliceClient, general), await world.open(bobClient, general)];
    const writing = () => room.get().typing.map(({ id }) => id);
    other.typing();
    desk.typing();
    await world.clock.advance(50);
    expect(writing()).toEqual(["bob"]);
    await world.clock.advance(6_000);
    expect(writing()).toEqual([]);
    other.typing();
    await world.clock.advance(50);
    expect(writing()).toEqual(["bob"]);
    other.stopTyping();
    await world.clock.advance(50);
    expect(writing()).toEqual([]);
    other.typing();
    await world.clock.advance(50);
    other.send("there");
    await world.clock.advance(50);
    expect(writing()).toEqual([]);
  });

  test("are reported every three seconds at most, and not without a connection", async () => {
    const world = new TestWorld();
    const room = await world.open(await world.connected(), world.createRoom());
    const reportCount = () => world.server.answerCounts.get("typing.start") ?? 0;
    for (let i = 0; i < 70; i += 1) {
      room.typing();
      await world.clock.advance(100);
    }
    expect(reportCount()).toBe(3);
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    room.typing();
    world.network.isReachable = true;
    await world.clock.advance(5_000);
    expect(reportCount()).toBe(3);
    room.stopTyping();
    await world.clock.advance(50);
    expect(world.server.answerCounts.get("typing.stop"), "typing was not reported").toBeUndefined();
  });
});

describe("the members of a room", () => {
  test("are loaded with the first subscription, and follow the log", async () => {
    const world = new TestWorld();
    const general = world.server.addRoom("General", { members: [carol, alice] });
    const room = await world.open(await world.connected(), general);
    expect(room.members.get()).toEqual({ status: "cold", members: [], count: 0 });
    expect(world.server.answerCounts.get("member.list")).toBeUndefined();
    room.members.subscribe(() => {});
    expect(room.members.get().status).toBe("loading");
    await world.clock.advance(50);
    const roles = () => room.members.get().members.map(({ user, role }) => `${user.username} ${role}`);
    expect(roles()).toEqual(["carol owner", "alice member"]);
    world.server.join(general, bob);
    world.server.changeMember(general, alice, "moderator", null);
    world.server.removeMember(general, carol, { banned: false });
    await world.clock.advance(50);
    expect(roles()).toEqual(["alice moderator", "bob member"]);
    expect(room.members.get()).toMatchObject({ status: "live", count: 2 });
    expect(room.get().role).toBe("moderator");
    expect(world.server.answerCounts.get("member.list")).toBe(1);
  });

  test("are correct when they change while the list is loading", async () => {
    const delaysMs: number[] = [];
    const world = new TestWorld({ readDelayMs: () => delaysMs.shift() ?? 0 });
    const general = world.server.addRoom("General", { members: [carol, alice] });
    const room = await world.open(await world.connected(), general);
    delaysMs.push(300);
    room.members.subscribe(() => {});
    await world.clock.advance(20);
    world.server.leave(general, carol);
    world.server.join(general, bob);
    await world.clock.advance(500);
    expect(room.members.get().members.map(({ user }) => user.id)).toEqual(["alice", "bob"]);
  });

  test("are counted beyond one answer, and loaded again when they change", async () => {
    const world = new TestWorld({ maxListedMembers: 2 });
    const general = world.server.addRoom("General", { members: [carol, alice, bob] });
    const room = await world.open(await world.connected(), general);
    room.members.subscribe(() => {});
    await world.clock.advance(50);
    expect(room.members.get()).toMatchObject({ count: 3, members: [{ user: carol }, { user: { id: "alice" } }] });
    world.server.leave(general, carol);
    await world.clock.advance(2_000);
    expect(room.members.get()).toMatchObject({
      count: 2,
      members: [{ user: { id: "alice" } }, { user: { id: "bob" } }],
    });
  });

  test("are forgotten with the room, like the user's own membership", async () => {
    const world = new TestWorld();
    const secret = world.server.addRoom("Secret", { kind: "private", members: [carol, alice] });
    const client = await world.connected();
    const room = await world.open(client, secret);
    room.members.subscribe(() => {});
    room.pins.subscribe(() => {});
    world.server.pin(secret, world.server.post(secret, carol, "between us").id, carol, { pinned: true });
    await world.clock.advance(1_500);
    expect(client.rooms.entry(secret.id).get()).toMatchObject({ kind: "private", role: "member" });
    expect(room.pins.get().messages).toHaveLength(1);
    world.server.removeMember(secret, alice, { banned: false });
    await world.clock.advance(50);
    expect(client.rooms.find(secret.id)).toBeUndefined();
    expect(room.get()).toMatchObject({ status: "gone", items: [], role: null });
    expect([room.members.get().members, room.pins.get().messages]).toEqual([[], []]);
    world.server.join(secret, alice);
    await world.clock.advance(500);
    expect(room.members.get().members).toHaveLength(2);
  });

  test("include until when the user is muted", async () => {
    const world = new TestWorld();
    const general = world.server.addRoom("General", { members: [carol, alice] });
    const client = await world.connected();
    const room = await world.open(client, general);
    const until = world.clock.now() + 60_000;
    world.server.changeMember(general, alice, "member", until);
    await world.clock.advance(50);
    expect(room.get().mutedUntil).toBe(until);
    expect(client.rooms.entry(general.id).get()).toMatchObject({ role: "member", mutedUntil: until });
  });
});

describe("the bans of a room", () => {
  const names = (room: RoomStore) => room.bans.get().banned.map(({ user }) => user.username);

  test("are loaded with the first subscription, newest first, and follow the log", async () => {
    const world = new TestWorld();
    const general = world.server.addRoom("General", { members: [alice, bob, carol] });
    world.server.removeMember(general, carol, { banned: true });
    const room = await world.open(await world.connected(), general);
    expect(room.bans.get()).toEqual({ status: "cold", banned: [], count: 0 });
    expect(world.server.answerCounts.get("member.bans")).toBeUndefined();
    room.bans.subscribe(() => {});
    await world.clock.advance(50);
    expect(names(room)).toEqual(["carol"]);
    const startedAt = world.clock.now();
    world.server.removeMember(general, bob, { banned: true });
    await world.clock.advance(50);
    expect(room.bans.get()).toMatchObject({
      status: "live",
      count: 2,
      banned: [{ user: { id: "bob" }, by: null }, {}],
    });
    expect(room.bans.get().banned[0]?.at).toBeGreaterThanOrEqual(startedAt);
    world.server.removeMember(general, carol, { banned: false });
    await world.clock.advance(50);
    expect(names(room)).toEqual(["bob"]);
    expect(room.bans.get().count).toBe(1);
    expect(world.server.answerCounts.get("member.bans")).toBe(1);
  });

  test("are correct and in order when they change while the list is loading", async () => {
    const delaysMs: number[] = [];
    const world = new TestWorld({ readDelayMs: () => delaysMs.shift() ?? 0 });
    const general = world.server.addRoom("General", { members: [alice, bob, carol] });
    world.server.removeMember(general, carol, { banned: true });
    const room = await world.open(await world.connected(), general);
    delaysMs.push(300);
    room.bans.subscribe(() => {});
    await world.clock.advance(20);
    world.server.removeMember(general, carol, { banned: false });
    world.server.removeMember(general, carol, { banned: true });
    world.server.removeMember(general, bob, { banned: true });
    await world.clock.advance(500);
    expect(room.bans.get()).toMatchObject({ status: "live", count: 2 });
    expect(names(room)).toEqual(["bob", "carol"]);
  });

  test("are counted beyond one answer, and loaded again when they change", async () => {
    const world = new TestWorld({ maxListedMembers: 1 });
    const general = world.server.addRoom("General", { members: [alice, bob, carol] });
    world.server.removeMember(general, carol, { banned: true });
    world.server.removeMember(general, bob, { banned: true });
    const room = await world.open(await world.connected(), general);
    room.bans.subscribe(() => {});
    await world.clock.advance(50);
    expect([names(room), room.bans.get().count]).toEqual([["bob"], 2]);
    world.server.removeMember(general, carol, { banned: false });
    await world.clock.advance(2_000);
    expect([names(room), room.bans.get().count]).toEqual([["bob"], 1]);
    expect(world.server.answerCounts.get("member.bans")).toBe(2);
  });
});

describe("pinned messages", () => {
  test("are loaded with the first subscription, newest pin first, and follow changes to them", async () => {
    const world = new TestWorld({ pageSize: 2 });
    const general = world.createRoom("General", 4);
    const [firstMessage, , thirdMessage] = world.server.messagesOf(general);
    if (firstMessage === undefined || thirdMessage === undefined) throw new Error("Expected messages.");
    world.server.pin(general, firstMessage.id, carol, { pinned: true });
    const room = await world.open(await world.connected(), general);
    room.pins.subscribe(() => {});
    await world.clock.advance(50);
    const bodies = () => room.pins.get().messages.map(({ body }) => body);
    expect(bodies()).toEqual(["old 1"]);
    world.server.pin(general, thirdMessage.id, carol, { pinned: true });
    world.server.edit(general, firstMessage.id, "the first", carol);
    await world.clock.advance(50);
    expect(bodies()).toEqual(["old 3", "the first"]);
    expect(world.server.answerCounts.get("pin.list")).toBe(1);
    world.server.delete(general, thirdMessage.id, carol);
    world.server.pin(general, firstMessage.id, carol, { pinned: false });
    await world.clock.advance(50);
    expect(bodies()).toEqual([]);
  });

  test("are loaded again when a pinned message is not loaded", async () => {
    const world = new TestWorld({ pageSize: 1 });
    const general = world.createRoom("General", 9);
    const room = await world.open(await world.connected(), general);
    room.pins.subscribe(() => {});
    await world.clock.advance(50);
    world.server.pin(general, world.server.messagesOf(general)[0]?.id ?? "", carol, { pinned: true });
    await world.clock.advance(2_000);
    expect(room.pins.get().messages).toMatchObject([{ body: "old 1", pinned: true }]);
  });

  test("are loaded again when a pinned message is unverified after a break", async () => {
    const delaysMs: number[] = [];
    const world = new TestWorld({ pageSize: 2, maxReplayedEvents: 3, readDelayMs: () => delaysMs.shift() ?? 0 });
    const general = world.createRoom("General", 2);
    const [firstMessage] = world.server.messagesOf(general);
    if (firstMessage === undefined) throw new Error("Expected a message.");
    const room = await world.open(await world.connected(), general);
    room.pins.subscribe(() => {});
    await world.clock.advance(50);
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    world.server.edit(general, firstMessage.id, "the first", carol);
    for (let i = 1; i <= 5; i += 1) world.server.post(general, carol, `new ${i}`);
    world.network.isReachable = true;
    const [toResume, toList, toPins, toPages] = [0, 0, 0, 1_000];
    delaysMs.push(toResume, toList, toPins, toPages, toPages);
    while (room.get().lastSeq < general.log.length) await world.clock.advance(1);
    await world.clock.advance(50);
    expect(room.pins.get()).toEqual({ status: "live", messages: [] });
    expect(room.get().items[0], "still to be read again").toMatchObject({
      message: { id: firstMessage.id, body: "old 1" },
    });
    world.server.pin(general, firstMessage.id, carol, { pinned: true });
    await world.clock.advance(3_000);
    expect(room.pins.get()).toEqual({ status: "live", messages: world.server.messagesOf(general).slice(0, 1) });
  });
});

describe("presence", () => {
  test("is requested for several users together, follows events, and is requested again after a break", async () => {
    const world = new TestWorld();
    world.createRoom();
    const client = await world.connected();
    const bobClient = await world.connected(bob);
    const [bobPresence, davePresence] = [client.presence.of("bob"), client.presence.of("dave")];
    expect(client.presence.of("bob")).toBe(bobPresence);
    for (const presence of [bobPresence, davePresence]) presence.subscribe(() => {});
    expect(bobPresence.get()).toBeUndefined();
    await world.clock.advance(50);
    expect([bobPresence.get()?.status, davePresence.get()?.status]).toEqual(["online", "offline"]);
    expect(world.server.answerCounts.get("presence.list")).toBe(1);
    bobClient.presence.set("busy", "on the phone");
    await world.clock.advance(50);
    expect(bobPresence.get()).toEqual({ user: "bob", status: "busy", text: "on the phone" });
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    bobClient.presence.set("online");
    world.network.isReachable = true;
    await world.clock.advance(5_000);
    expect(bobPresence.get()).toMatchObject({ status: "online", text: "" });
  });

  test("is reported for the user again after each reconnect", async () => {
    const world = new TestWorld();
    world.createRoom();
    const client = await world.connected();
    const reportedStatuses = () => [...world.server.connections].map(({ presence }) => presence.status);
    client.presence.set("busy", "thinking");
    expect(client.presence.own.get()).toEqual({ status: "busy", text: "thinking" });
    await world.clock.advance(50);
    expect(reportedStatuses()).toEqual(["busy"]);
    world.socket(alice).cut({ isNoticed: true });
    await world.clock.advance(5_000);
    expect(reportedStatuses()).toEqual(["busy"]);
  });

  test("becomes away when the page is hidden for five minutes, unless the user has set another status", async () => {
    const world = new TestWorld();
    world.createRoom();
    const client = await world.connected();
    const { own } = client.presence;
    world.device.emit("hidden");
    await world.clock.advance(299_000);
    expect(own.get().status).toBe("online");
    await world.clock.advance(2_000);
    expect(own.get().status).toBe("away");
    expect([...world.server.connections].map(({ presence }) => presence.status)).toEqual(["away"]);
    world.device.emit("visible");
    expect(own.get().status).toBe("online");
    client.presence.set("busy");
    world.device.emit("hidden");
    await world.clock.advance(400_000);
    expect(own.get().status).toBe("busy");
  });
});

test("finds messages by a search that can be aborted", async () => {
  const world = new TestWorld();
  const general = world.createRoom("General", 3);
  const client = await world.connected();
  const searching = client.search("old", { limit: 2 });
  await world.clock.advance(50);
  expect(await searching).toMatchObject({
    found: [{ message: { body: "old 1" }, room: { id: general.id } }, {}],
    cursor: null,
  });
  const controller = new AbortController();
  const aborted = client.search("old", { signal: controller.signal });
  controller.abort(new Error("never mind"));
  await expect(aborted).rejects.toThrow("never mind");
});

describe("a search without a connection", () => {
  test("waits for it, and is sent again after a lost reply", async () => {
    const world = new TestWorld();
    world.createRoom("General", 3);
    const client = world.client();
    client.connect();
    // As on a page that was opened at the address of a search.
    const early = client.search("old", { limit: 2 });
    await world.clock.advance(5_000);
    expect((await early).found).toHaveLength(2);
    const interrupted = client.search("old", { limit: 2 });
    world.socket(alice).cut({ isNoticed: true });
    await world.clock.advance(10_000);
    expect((await interrupted).found).toHaveLength(2);
  });

  test("can be aborted, and fails after half a minute", async () => {
    const world = new TestWorld();
    world.network.isReachable = false;
    const client = world.client();
    client.connect();
    const controller = new AbortController();
    const aborted = client.search("old", { signal: controller.signal });
    controller.abort(new Error("never mind"));
    await expect(aborted).rejects.toThrow("never mind");
    const failed = client.search("old").catch((error: unknown) => error);
    await world.clock.advance(40_000);
    expect(await failed).toBeInstanceOf(ConnectionLost);
  });
});
