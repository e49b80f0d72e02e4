import { describe, expect, test } from "vitest";
import { ClientBusy, MessageFailed, memoryOutbox, type OutboxRecord } from "../src/index.ts";
import { type Locks, lockedTabs } from "../src/outbox/tabs.ts";
import { alice, bob, carol, shownItems, TestWorld } from "./support/test-world.ts";

const bodies = (world: TestWorld, index = 1) =>
  world.server.messagesOf(world.server.rooms.get(`room-${index}`) ?? never()).map((m) => m.body);

function never(): never {
  throw new Error("Expected a room.");
}

describe("a message", () => {
  test("is shown at once, pending, and keeps its key when it is posted", async () => {
    const world = new TestWorld();
    const room = await world.open(await world.connected(), world.createRoom());
    const { clientId, delivered } = room.send("hello");
    expect(shownItems(room)).toEqual(["hello (pending)"]);
    const pending = room.get().items[0];
    await world.clock.advance(100);
    expect(shownItems(room)).toEqual(["hello"]);
    const posted = room.get().items[0];
    expect(posted).toMatchObject({ kind: "message", own: true, key: pending?.key });
    expect(await delivered).toMatchObject({ clientId, body: "hello" });
    expect(clientId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("waits for the next connection when it was written while the socket closes", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const client = await world.connected();
    const room = await world.open(client, general);
    const socket = world.socket(alice);
    socket.startClosing();
    room.send("in between");
    client.connect(); // probes an open connection
    await world.clock.advance(100);
    expect(shownItems(room)).toEqual(["in between (pending)"]);
    socket.finishClosing(1001);
    await world.clock.advance(10_000);
    expect(bodies(world)).toEqual(["in between"]);
    expect(client.outbox.get()).toEqual([]);
  });

  test("is sent in the order of writing when it was written without a connection", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const client = world.client();
    const room = client.room(general.id);
    for (const body of ["one", "two", "three"]) room.send(body);
    expect(shownItems(room)).toEqual(["one (pending)", "two (pending)", "three (pending)"]);
    client.connect();
    await world.clock.advance(1_000);
    expect(bodies(world)).toEqual(["one", "two", "three"]);
    expect(client.outbox.get()).toEqual([]);
  });

  test("is sent again and posted once when its reply is lost", async () => {
    const world = new TestWorld({ commitMs: 1 });
    const client = await world.connected();
    const room = await world.open(client, world.createRoom());
    room.send("once");
    // Received and committed, and the reply on its way.
    await world.clock.advance(7);
    expect(bodies(world)).toEqual(["once"]);
    world.socket(alice).cut({ isNoticed: true });
    expect(shownItems(room)).toEqual(["once (pending)"]);
    await world.clock.advance(2_000);
    expect(bodies(world)).toEqual(["once"]);
    expect(shownItems(room)).toEqual(["once"]);
    expect(client.outbox.get()).toEqual([]);
  });

  test("is delivered when the log contains it, even without a reply", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const general = world.createRoom();
    const room = await world.open(client, general);
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    const { clientId, delivered } = room.send("hello");
    // Another tab has sent it meanwhile.
    world.server.post(general, alice, "hello", { clientId });
    world.network.isReachable = true;
    await world.clock.advance(2_000);
    await delivered;
    expect(client.outbox.get()).toEqual([]);
    expect(world.server.answerCounts.get("message.send"), "it is not sent again").toBeUndefined();
    expect(bodies(world)).toEqual(["hello"]);
  });

  test("stays with the reason when the server refuses it, and can be retried or discarded", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const general = world.createRoom();
    const room = await world.open(client, general);
    world.server.changeRoom(general, { archived: true });
    const { clientId, delivered } = room.send("too late");
    const other = room.send("me too");
    await world.clock.advance(200);
    expect(shownItems(room)).toEqual(["* room.changed", "too late (failed)", "me too (failed)"]);
    expect(client.outbox.get()[0]).toMatchObject({ state: "failed", code: "ROOM_ARCHIVED" });
    await expect(delivered).rejects.toMatchObject({ name: "MessageFailed", code: "ROOM_ARCHIVED", clientId });
    world.server.changeRoom(general, { archived: false });
    client.outbox.discard(other.clientId);
    client.outbox.retry(clientId);
    expect(shownItems(room)).toEqual(["* room.changed", "too late (pending)"]);
    await world.clock.advance(200);
    expect(shownItems(room)).toEqual(["* room.changed", "* room.changed", "too late"]);
    expect(client.outbox.get()).toEqual([]);
  });

  test("does not block later messages when it failed", async () => {
    const world = new TestWorld();
    const room = await world.open(await world.connected(), world.createRoom());
    room.send("   ");
    room.send("fine");
    await world.clock.advance(200);
    expect(shownItems(room)).toEqual(["fine", "    (failed)"]);
  });

  test("waits as long as the server says when it is rate-limited, and keeps its order", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const room = await world.open(client, world.createRoom());
    world.server.refuseNext.push({ name: "message.send", code: "RATE_LIMITED", retryAfterSeconds: 3 });
    room.send("one");
    room.send("two");
    await world.clock.advance(2_900);
    expect(shownItems(room)).toEqual(["one (pending)", "two (pending)"]);
    await world.clock.advance(1_000);
    expect(shownItems(room)).toEqual(["one", "two"]);
  });

  test("is tried five times when the server has faults, and then fails", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const room = await world.open(client, world.createRoom());
    for (let i = 0; i < 5; i += 1) world.server.refuseNext.push({ name: "message.send", code: "INTERNAL" });
    room.send("poison");
    room.send("behind it");
    await world.clock.advance(60_000);
    expect(shownItems(room)).toEqual(["behind it", "poison (failed)"]);
  });

  test("fails with the server's error in a room without access", async () => {
    const world = new TestWorld();
    const secret = world.server.addRoom("Secret", { staffOnly: true });
    const client = await world.connected(bob);
    client.room(secret.id).send("hello?");
    await world.clock.advance(200);
    expect(client.outbox.get()).toMatchObject([{ state: "failed", code: "ROOM_INVALID" }]);
  });

  test('is posted to a room that is not open, which is joined for it and left with `subscribeTo: "opened"`', async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const client = await world.connected(alice, { subscribeTo: "opened" });
    client.room(general.id).send("drive-by");
    await world.clock.advance(200);
    expect(bodies(world)).toEqual(["drive-by"]);
    expect(world.server.refusals).toEqual([]);
    await world.clock.advance(10_000);
    expect(world.server.answerCounts.get("room.leave")).toBe(1);
  });

  test("is sent after a new join when the connection was not in the room", async () => {
    const world = new TestWorld();
    const room = await world.open(await world.connected(), world.createRoom());
    world.server.refuseNext.push({ name: "message.send", code: "ROOM_ACCESS_DENIED" });
    room.send("let me in");
    await world.clock.advance(1_000);
    expect(shownItems(room)).toEqual(["let me in"]);
  });

  test("fails locally when it is too large for a frame, before the server closes the connection", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const room = await world.open(client, world.createRoom());
    room.send("x".repeat(70_000));
    expect(client.outbox.get()).toMatchObject([{ state: "failed", code: "PAYLOAD_TOO_LARGE" }]);
    await world.clock.advance(200);
    expect(bodies(world)).toEqual([]);
  });

  test("is refused at once beyond the limit", () => {
    const world = new TestWorld();
    const room = world.client(alice, { maxUnsent: 2 }).room("room-1");
    room.send("one");
    room.send("two");
    expect(() => room.send("three")).toThrow(ClientBusy);
  });

  test("is not sent when it is discarded, and its promise rejects", async () => {
    const world = new TestWorld();
    const client = world.client();
    const { clientId, delivered } = client.room(world.createRoom().id).send("never mind");
    client.outbox.discard(clientId);
    await expect(delivered).rejects.toBeInstanceOf(MessageFailed);
    client.connect();
    await world.clock.advance(500);
    expect(bodies(world)).toEqual([]);
  });
});

test("sends a message again that a restored backup lacks and that the log has not shown", async () => {
  const world = new TestWorld();
  const general = world.createRoom();
  const client = await world.connected();
  const room = await world.open(client, general);
  // The event of another user's message is lost: the user's own message is acknowledged, and cannot be shown before it.
  world.server.faults = { deliveryDelaysMs: () => [] };
  world.server.post(general, carol, "from the lost day");
  const { clientId } = room.send("mine");
  await world.clock.advance(20);
  expect(shownItems(room)).toEqual(["mine (sent)"]);
  world.server.kill();
  world.server.epoch = "epoch-2";
  general.truncate(1);
  world.server.start();
  await world.clock.advance(2_000);
  expect(world.server.messagesOf(general)).toMatchObject([{ clientId, body: "mine" }]);
  expect(client.outbox.get()).toEqual([]);
});

describe("after a reload", () => {
  test("sends the stored messages before those written since", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const outbox = memoryOutbox();
    const oldClient = await world.connected(alice, { outbox });
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    oldClient.room(general.id).send("before");
    await world.clock.advance(10);
    oldClient.disconnect();
    world.network.isReachable = true;
    const newClient = world.client(alice, { outbox });
    newClient.room(general.id).send("after");
    newClient.connect();
    await world.clock.advance(1_000);
    expect(bodies(world)).toEqual(["before", "after"]);
    expect(await outbox.all()).toEqual([]);
  });

  test("keeps failed messages with their reasons", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const outbox = memoryOutbox();
    const oldClient = await world.connected(alice, { outbox });
    world.server.changeRoom(general, { archived: true });
    oldClient.room(general.id).send("too late");
    await world.clock.advance(200);
    oldClient.disconnect();
    const newClient = await world.connected(alice, { outbox });
    expect(newClient.outbox.get()).toMatchObject([{ body: "too late", state: "failed", code: "ROOM_ARCHIVED" }]);
  });

  test("hides and holds the messages of another user until that user signs in again", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const outbox = memoryOutbox();
    const aliceClient = await world.connected(alice, { outbox });
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    aliceClient.room(general.id).send("hers");
    await world.clock.advance(10);
    aliceClient.disconnect();
    world.network.isReachable = true;
    const bobClient = await world.connected(bob, { outbox });
    expect(bobClient.outbox.get()).toEqual([]);
    await world.clock.advance(120_000);
    expect(bodies(world)).toEqual([]);
    bobClient.disconnect();
    await world.connected(alice, { outbox });
    await world.clock.advance(500);
    expect(world.server.messagesOf(general)).toMatchObject([{ body: "hers", author: { id: "alice" } }]);
  });

  test("holds a message of an unknown author until the user retries it", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const outbox = memoryOutbox();
    world.client(alice, { outbox }).room(general.id).send("whose?");
    await world.clock.advance(10);
    const newClient = await world.connected(alice, { outbox });
    expect(newClient.outbox.get()).toMatchObject([{ state: "failed", code: "AUTHOR_UNKNOWN" }]);
    newClient.outbox.retry(newClient.outbox.get()[0]?.clientId ?? "");
    await world.clock.advance(200);
    expect(bodies(world)).toEqual(["whose?"]);
  });

  test("reports a storage that fails, and continues sending", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const failures: unknown[] = [];
    const broken = () => Promise.reject(new Error("quota"));
    const client = await world.connected(alice, {
      outbox: { all: broken, put: broken, delete: broken },
      onStorageError: (error) => failures.push(error),
    });
    client.room(general.id).send("all the same");
    await world.clock.advance(500);
    expect(bodies(world)).toEqual(["all the same"]);
    expect(failures.length).toBeGreaterThanOrEqual(2);
  });

  test("waits at most five seconds for a storage that never answers", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const never = () => new Promise<never>(() => {});
    const client = await world.connected(alice, { outbox: { all: never, put: never, delete: never } });
    client.room(general.id).send("at last");
    await world.clock.advance(4_000);
    expect(bodies(world)).toEqual([]);
    await world.clock.advance(1_500);
    expect(bodies(world)).toEqual(["at last"]);
  });
});

describe("tabs that share an outbox", () => {
  /** The part of the browser's locks that is used: a lock is held until its tab is closed. */
  class TestLocks implements Locks {
    readonly names = new Set<string>();

    request(name: string, callback: () => Promise<void>): Promise<unknown> {
      this.names.add(name);
      return callback();
    }

    async query() {
      return { held: [...this.names].map((name) => ({ name })) };
    }
  }

  test("detect closed tabs by their locks", async () => {
    const locks = new TestLocks();
    const firstTab = lockedTabs(locks, "first");
    lockedTabs(locks, "second");
    expect(await firstTab.findClosed(new Set(["first", "second", "third"]))).toEqual(new Set(["third"]));
    locks.names.delete("multichat-tab:second");
    expect(await firstTab.findClosed(new Set(["first", "second"]))).toEqual(new Set(["second"]));
  });

  test("adopt the messages of a closed tab within a minute", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const outbox = memoryOutbox();
    const client = await world.connected(alice, { outbox });
    const orphan: OutboxRecord = {
      clientId: "left-behind",
      room: general.id,
      body: "from a closed tab",
      replyTo: null,
      createdAt: world.clock.now(),
      author: alice.id,
      owner: "another tab",
      failed: null,
    };
    await outbox.put(orphan);
    await world.clock.advance(61_000);
    expect(bodies(world)).toEqual(["from a closed tab"]);
    expect(client.outbox.get()).toEqual([]);
    expect(await outbox.all()).toEqual([]);
  });
});
