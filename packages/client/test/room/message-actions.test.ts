import type { Message } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import { CommandError, memoryOutbox, memoryStorage, type RoomStore } from "../../src/index.ts";
import { alice, bob, carol, shownItems, TestWorld } from "../support/test-world.ts";

const messages = (room: RoomStore): Message[] =>
  room.get().items.flatMap((item) => (item.kind === "message" ? [item.message] : []));

const firstMessage = (room: RoomStore): Message => {
  const [message] = messages(room);
  if (message === undefined) throw new Error("The room shows no message.");
  return message;
};

describe("changes to messages", () => {
  test("show edits, reactions and pins in place, and keep an empty place for a deleted message", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 2);
    const room = await world.open(await world.connected(), general);
    const { id } = firstMessage(room);
    world.server.edit(general, id, "said better", carol);
    world.server.react(general, id, "👍", carol, { added: true });
    world.server.react(general, id, "👍", alice, { added: true });
    world.server.pin(general, id, carol, { pinned: true });
    await world.clock.advance(50);
    expect(firstMessage(room)).toMatchObject({
      body: "said better",
      editedAt: world.clock.now() - 50,
      pinned: true,
      reactions: [{ emoji: "👍", users: ["carol", "alice"], count: 2, mine: true }],
    });
    world.server.delete(general, id, carol);
    await world.clock.advance(50);
    expect(firstMessage(room)).toMatchObject({
      body: "",
      deletedAt: world.clock.now() - 50,
      reactions: [],
      pinned: false,
    });
    expect(shownItems(room)).toEqual(["", "old 2"]);
  });

  test("appear in the quotes of loaded and unsent replies", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const client = await world.connected();
    const room = await world.open(client, general);
    const quoted = firstMessage(room);
    world.server.post(general, carol, "a reply", { replyTo: quoted.id });
    await world.clock.advance(50);
    expect(messages(room)[1]?.replyTo).toEqual({ id: quoted.id, seq: quoted.seq, author: carol, excerpt: "old 1" });
    world.server.changeRoom(general, { slowModeSeconds: 30 });
    world.server.refuseNext.push({ name: "message.send", code: "SLOW_MODE", retryAfterSeconds: 30 });
    room.send("mine", { replyTo: quoted });
    world.server.edit(general, quoted.id, "otherwise", carol);
    await world.clock.advance(50);
    expect(messages(room)[1]?.replyTo?.excerpt).toBe("otherwise");
    expect(client.outbox.get()[0]).toMatchObject({ state: "pending", replyTo: { excerpt: "otherwise" } });
    world.server.delete(general, quoted.id, carol);
    await world.clock.advance(50);
    expect(messages(room)[1]?.replyTo?.excerpt).toBe("");
    expect(client.outbox.get()[0]?.replyTo?.excerpt).toBe("");
    await world.clock.advance(31_000);
    expect(world.server.messagesOf(general).at(-1)).toMatchObject({ body: "mine", replyTo: { id: quoted.id } });
  });

  test("are not undone by a page that was requested before", async () => {
    const delays: number[] = [];
    const world = new TestWorld({ pageSize: 2, readDelayMs: () => delays.shift() ?? 0 });
    const general = world.createRoom("General", 4);
    const room = await world.open(await world.connected(alice, { pageSize: 2 }), general);
    const [firstMessage, secondMessage] = world.server.messagesOf(general);
    if (firstMessage === undefined || secondMessage === undefined) throw new Error("Expected two older messages.");
    delays.push(300);
    void room.loadBefore();
    await world.clock.advance(20);
    // The page was read from the database, and these events overtake it.
    world.server.edit(general, firstMessage.id, "edited meanwhile", carol);
    world.server.react(general, firstMessage.id, "🎉", alice, { added: true });
    world.server.delete(general, secondMessage.id, carol);
    await world.clock.advance(50);
    expect(messages(room)).toHaveLength(2);
    await world.clock.advance(400);
    expect(messages(room).slice(0, 2)).toEqual(world.server.messagesOf(general, alice).slice(0, 2));
    expect(messages(room)[0]).toMatchObject({ body: "edited meanwhile", reactions: [{ mine: true }] });
  });

  test("are not undone by the page of a join when the room is resumed meanwhile", async () => {
    const [list, resume, preferences, join] = [0, 100, 0, 300];
    const delays = [list, resume, preferences, join];
    const world = new TestWorld({ readDelayMs: () => delays.shift() ?? 0 });
    const general = world.createRoom("General", 2);
    const [firstMessage] = world.server.messagesOf(general);
    if (firstMessage === undefined) throw new Error("Expected a message.");
    const client = world.client();
    client.connect();
    // The list has arrived, and the answer to the resume of its rooms is on its way.
    await world.clock.advance(40);
    const room = client.room(general.id);
    room.open();
    await world.clock.advance(20);
    // The join's page was read from the database.
    world.server.edit(general, firstMessage.id, "edited meanwhile", carol);
    world.server.react(general, firstMessage.id, "🎉", alice, { added: true });
    await world.clock.advance(100);
    expect(room.get()).toMatchObject({ status: "loading", lastSeq: general.log.length });
    await world.clock.advance(300);
    expect(room.get().status).toBe("live");
    expect(messages(room)).toEqual(world.server.messagesOf(general, alice));
  });

  test("make a page load again when too many events were missed to replay them", async () => {
    const delays: number[] = [];
    const world = new TestWorld({ pageSize: 2, maxReplayedEvents: 3, readDelayMs: () => delays.shift() ?? 0 });
    const general = world.createRoom("General", 6);
    const room = await world.open(await world.connected(alice, { pageSize: 2 }), general);
    const older = world.server.messagesOf(general).slice(2, 4);
    delays.push(600);
    void room.loadBefore();
    await world.clock.advance(20);
    const noFaults = world.server.faults;
    world.server.faults = { deliveryDelaysMs: () => [] };
    world.server.edit(general, older[0]?.id ?? "", "edited without an event", carol);
    for (let i = 1; i <= 5; i += 1) world.server.post(general, carol, `lost ${i}`);
    world.server.faults = noFaults;
    world.server.post(general, carol, "the next");
    await world.clock.advance(300);
    expect(shownItems(room).at(-1)).toBe("the next");
    await world.clock.advance(600);
    expect(messages(room).find(({ id }) => id === older[0]?.id)?.body).toBe("edited without an event");
  });

  test("are loaded again after a break that was too long to replay, also for older messages", async () => {
    const world = new TestWorld({ pageSize: 2, maxReplayedEvents: 3 });
    const general = world.createRoom("General", 6);
    const room = await world.open(await world.connected(alice, { pageSize: 4 }), general);
    void room.loadBefore();
    await world.clock.advance(50);
    const { id } = firstMessage(room);
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    world.server.delete(general, id, carol);
    for (let i = 1; i <= 5; i += 1) world.server.post(general, carol, `new ${i}`);
    world.network.isReachable = true;
    await world.clock.advance(5_000);
    expect(messages(room).find((message) => message.id === id)?.body).toBe("");
    const shownIds = new Set(messages(room).map((message) => message.id));
    expect(messages(room)).toEqual(world.server.messagesOf(general, alice).filter((m) => shownIds.has(m.id)));
  });

  test("survive a reload with the persisted page", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 2);
    const [storage, outbox] = [memoryStorage(), memoryOutbox()];
    const oldClient = await world.connected(alice, { storage, outbox });
    const room = await world.open(oldClient, general);
    const [reactedTo, deleted] = messages(room);
    if (reactedTo === undefined || deleted === undefined) throw new Error("Expected two messages.");
    world.server.react(general, reactedTo.id, "👍", alice, { added: true });
    world.server.delete(general, deleted.id, carol);
    await world.clock.advance(2_000);
    oldClient.disconnect();
    world.network.isReachable = false;
    room.send("a reply", { replyTo: reactedTo });
    await world.clock.advance(10);
    const newClient = world.client(alice, { storage, outbox });
    newClient.connect();
    await world.clock.advance(50);
    const reloaded = newClient.room(general.id);
    expect(messages(reloaded)).toMatchObject([{ reactions: [{ mine: true }] }, { body: "" }]);
    expect(newClient.outbox.get()).toMatchObject([
      { body: "a reply", replyTo: { id: reactedTo.id, excerpt: "old 1" } },
    ]);
  });

  test("show joins, leaves and changes of the room as items between the messages", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const room = await world.open(await world.connected(), general);
    world.server.join(general, carol);
    world.server.post(general, carol, "hello");
    world.server.changeRoom(general, { topic: "This and that" });
    world.server.leave(general, carol);
    await world.clock.advance(100);
    expect(shownItems(room)).toEqual(["old 1", "* member.joined", "hello", "* room.changed", "* member.left"]);
  });
});

describe("unread counts", () => {
  test("include mentions, and follow edits and deletions of unread messages", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const client = await world.connected();
    const counts = () => {
      const { unread, mentions } = client.rooms.entry(general.id).get() ?? {};
      return [unread, mentions];
    };
    const mentioning = world.server.post(general, carol, "hello @alice");
    const plain = world.server.post(general, carol, "hello");
    world.server.post(general, alice, "@all from another device");
    await world.clock.advance(50);
    expect(counts()).toEqual([2, 1]);
    world.server.edit(general, plain.id, "hello @all", carol);
    await world.clock.advance(50);
    expect(counts()).toEqual([2, 2]);
    world.server.delete(general, mentioning.id, carol);
    await world.clock.advance(50);
    expect(counts()).toEqual([1, 1]);
    client.room(general.id).markRead(99);
    expect(counts()).toEqual([0, 0]);
  });

  test("are requested when it is not known whether a deleted message was counted", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 30);
    const client = await world.connected();
    expect(client.rooms.entry(general.id).get()?.unread).toBe(30);
    world.server.delete(general, world.server.messagesOf(general)[3]?.id ?? "", carol);
    await world.clock.advance(2_000);
    expect(client.rooms.entry(general.id).get()?.unread).toBe(29);
  });

  test("are requested when a page contained a deletion before the log did", async () => {
    const world = new TestWorld({ pageSize: 2 });
    const general = world.createRoom("General", 6);
    const room = await world.open(await world.connected(alice, { pageSize: 2 }), general);
    expect(room.get().unread).toBe(6);
    const noFaults = world.server.faults;
    world.server.faults = { deliveryDelaysMs: () => [300] };
    world.server.delete(general, world.server.messagesOf(general)[3]?.id ?? "", carol);
    world.server.faults = noFaults;
    void room.loadBefore();
    await world.clock.advance(50);
    expect(shownItems(room)).toEqual(["old 3", "", "old 5", "old 6"]);
    await world.clock.advance(2_000);
    expect(room.get().unread).toBe(5);
  });
});

describe("changing a message", () => {
  test("shows an edit and a deletion with the reply, and a reaction at once", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 2);
    const room = await world.open(await world.connected(), general);
    // No event of the log arrives, so what is shown comes from the replies.
    world.server.faults = { deliveryDelaysMs: () => [] };
    const [reactedTo, deleted] = messages(room);
    if (reactedTo === undefined || deleted === undefined) throw new Error("Expected two messages.");
    const reacted = room.react(reactedTo.id, "👍", { added: true });
    expect(firstMessage(room).reactions).toEqual([{ emoji: "👍", users: ["alice"], count: 1, mine: true }]);
    const removed = room.remove(deleted.id);
    await world.clock.advance(20);
    await Promise.all([reacted, removed]);
    expect(messages(room)).toMatchObject([
      { reactions: [{ mine: true }] },
      { body: "", deletedAt: expect.any(Number) },
    ]);
    const { delivered } = room.send("mine");
    await world.clock.advance(200);
    const { id } = await delivered;
    const edited = room.edit(id, "mine, better");
    await world.clock.advance(20);
    expect((await edited).body).toBe("mine, better");
    expect(messages(room).at(-1)).toMatchObject({ body: "mine, better" });
  });

  test("reverts a reaction that the server refuses, and rejects with the reason", async () => {
    const world = new TestWorld();
    const room = await world.open(await world.connected(), world.createRoom("General", 1));
    const { id } = firstMessage(room);
    world.server.refuseNext.push({ name: "reaction.add", code: "MEMBER_MUTED", retryAfterSeconds: 60 });
    const refused = room.react(id, "👍", { added: true });
    expect(firstMessage(room).reactions).toHaveLength(1);
    await world.clock.advance(50);
    await expect(refused).rejects.toMatchObject({ name: "CommandError", code: "MEMBER_MUTED", retryAfterSeconds: 60 });
    expect(firstMessage(room).reactions).toEqual([]);
  });

  describe("ticks a task", () => {
    async function openList(body: string) {
      const world = new TestWorld();
      const general = world.createRoom();
      const room = await world.open(await world.connected(), general);
      room.send(body);
      await world.clock.advance(50);
      const { id } = firstMessage(room);
      const tick = (text: string, isDone = true) =>
        room.setTask(firstMessage(room), { text, occurrence: 0 }, { isDone });
      return { world, general, room, id, tick };
    }

    test("at once, several in turn, each as one edit", async () => {
      const { world, general, room, id, tick } = await openList("- [ ] milk\n- [ ] bread");
      const ticked = [tick("milk"), tick("bread")];
      expect(firstMessage(room).body).toBe("- [x] milk\n- [x] bread");
      await world.clock.advance(50);
      await Promise.all(ticked);
      expect(general.message(id)?.body).toBe("- [x] milk\n- [x] bread");
      expect(firstMessage(room)).toEqual(general.message(id, alice.id));
      expect(general.log.filter(({ on }) => on === "message.edited")).toHaveLength(2);
    });

    test("in the text of another device that edited the message meanwhile", async () => {
      const { world, general, room, id, tick } = await openList("- [ ] milk\n- [ ] bread");
      // The other device's edit is not known here yet.
      world.server.edit(general, id, "# Today\n- [ ] eggs\n- [ ] milk", alice);
      const ticked = tick("milk");
      expect(firstMessage(room).body).toBe("- [x] milk\n- [ ] bread");
      await world.clock.advance(100);
      expect((await ticked).body).toBe("# Today\n- [ ] eggs\n- [x] milk");
      expect(firstMessage(room).body).toBe("# Today\n- [ ] eggs\n- [x] milk");
    });

    test("not where the other device has removed it, whose text stays", async () => {
      const { world, general, room, id, tick } = await openList("- [ ] milk\n- [ ] bread");
      world.server.edit(general, id, "- [ ] eggs", alice);
      const refused = expect(tick("milk")).rejects.toMatchObject({ name: "CommandError", code: "MESSAGE_CHANGED" });
      await world.clock.advance(100);
      await refused;
      expect(firstMessage(room).body).toBe("- [ ] eggs");
      expect(general.message(id)?.body).toBe("- [ ] eggs");
    });

    test("once, also after a lost reply", async () => {
      const { world, general, room, tick } = await openList("- [ ] milk");
      const ticked = tick("milk");
      await world.clock.advance(8);
      world.socket(alice).cut({ isNoticed: true });
      await world.clock.advance(5_000);
      await ticked;
      expect(general.log.filter(({ on }) => on === "message.edited")).toHaveLength(1);
      expect(firstMessage(room).body).toBe("- [x] milk");
    });

    test("and clears it when the server refuses", async () => {
      const { world, room, tick } = await openList("- [ ] milk");
      world.server.refuseNext.push({ name: "message.edit", code: "MEMBER_MUTED", retryAfterSeconds: 60 });
      const refused = expect(tick("milk")).rejects.toMatchObject({ code: "MEMBER_MUTED" });
      expect(firstMessage(room).body).toBe("- [x] milk");
      await world.clock.advance(50);
      await refused;
      expect(firstMessage(room).body).toBe("- [ ] milk");
    });
  });

  test("sends the command again after a lost reply, and takes effect once", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const room = await world.open(await world.connected(), general);
    const pinned = room.pin(firstMessage(room).id, { pinned: true });
    // Committed; the reply is on its way when the connection is cut.
    await world.clock.advance(8);
    world.socket(alice).cut({ isNoticed: true });
    await world.clock.advance(5_000);
    await pinned;
    expect(world.server.answerCounts.get("message.pin")).toBe(2);
    expect(general.log.filter(({ on }) => on === "message.pinned")).toHaveLength(1);
    expect(firstMessage(room).pinned).toBe(true);
  });

  test.each([
    ["lost", true],
    ["dead, which is found out when the reply does not come", false],
  ])("ignores a command, delayed on a connection that is %s, after a newer one", async (_, isNoticed) => {
    const world = new TestWorld();
    const general = world.createRoom();
    const room = await world.open(await world.connected(), general);
    room.send("one");
    await world.clock.advance(50);
    const { id } = firstMessage(room);
    world.network.lateArrivalMs = () => 60_000;
    const changing = [room.edit(id, "two"), room.react(id, "👍", { added: true })];
    // Sent, and not yet received by the server.
    await world.clock.advance(1);
    world.socket(alice).cut({ isNoticed });
    await world.clock.advance(isNoticed ? 3_000 : 28_000);
    await Promise.all(changing);
    const newer = [room.edit(id, "three"), room.react(id, "👍", { added: false })];
    await world.clock.advance(50);
    await Promise.all(newer);
    await world.clock.advance(90_000);
    expect(firstMessage(room)).toMatchObject({ body: "three", reactions: [] });
    expect(general.message(id)).toMatchObject({ body: "three", reactions: [] });
  });

  test("waits out temporary refusals, and gives up after half a minute without a connection", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const room = await world.open(await world.connected(), general);
    const { id } = firstMessage(room);
    world.server.refuseNext.push({ name: "message.pin", code: "UNAVAILABLE", retryAfterSeconds: 1 });
    const pinned = room.pin(id, { pinned: true });
    await world.clock.advance(3_000);
    await pinned;
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    const timedOut = room.pin(id, { pinned: false });
    await world.clock.advance(29_000);
    world.network.isReachable = true;
    await Promise.all([expect(timedOut).rejects.toMatchObject({ name: "ConnectionLost" }), world.clock.advance(1_500)]);
  });

  test("rejects when it is not allowed", async () => {
    const world = new TestWorld();
    const room = await world.open(await world.connected(), world.createRoom("General", 1));
    const refused = room.edit(firstMessage(room).id, "not my message");
    await world.clock.advance(50);
    await expect(refused).rejects.toBeInstanceOf(CommandError);
    expect(shownItems(room)).toEqual(["old 1"]);
  });

  test("sends the changes of one message in order, so that the last one wins", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const room = await world.open(await world.connected(), general);
    const { id } = firstMessage(room);
    for (const added of [true, false, true, false]) void room.react(id, "👍", { added });
    expect(firstMessage(room).reactions).toEqual([]);
    await world.clock.advance(200);
    expect(general.log.slice(-4).map(({ on }) => on)).toEqual([
      "reaction.added",
      "reaction.removed",
      "reaction.added",
      "reaction.removed",
    ]);
    expect(firstMessage(room).reactions).toEqual([]);
  });

  test("is not sent in the name of another user who signs in next", async () => {
    const world = new TestWorld();
    const general = world.createRoom("General", 1);
    const users = [alice, bob];
    const client = await world.connected(alice, {
      webSocket: (url, protocols) => world.network.socketFactory(users[0] ?? bob)(url, protocols),
    });
    const room = await world.open(client, general);
    const { id } = firstMessage(room);
    client.disconnect();
    const abandoned = room.pin(id, { pinned: true });
    users.shift();
    client.connect();
    await Promise.all([expect(abandoned).rejects.toMatchObject({ name: "ConnectionLost" }), world.clock.advance(500)]);
    expect(world.server.answerCounts.get("message.pin")).toBeUndefined();
  });
});
