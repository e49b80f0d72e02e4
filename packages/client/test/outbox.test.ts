import { describe, expect, test } from "vitest";
import { ClientBusy, MessageFailed, memoryOutbox, type OutboxRecord } from "../src/index.ts";
import { type Locks, lockedTabs } from "../src/outbox/tabs.ts";
import { alice, bob, carol, shows, TestWorld } from "./support/test-world.ts";

const bodies = (house: TestWorld, index = 1) =>
  house.server.messagesOf(house.server.rooms.get(`room-${index}`) ?? never()).map((m) => m.body);

function never(): never {
  throw new Error("There is no such room.");
}

describe("a message", () => {
  test("is shown at once, pending, and keeps its key when it is posted", async () => {
    const house = new TestWorld();
    const room = await house.open(await house.connected(), house.room());
    const { clientId, delivered } = room.send("hello");
    expect(shows(room)).toEqual(["hello (pending)"]);
    const pending = room.get().items[0];
    await house.clock.advance(100);
    expect(shows(room)).toEqual(["hello"]);
    const posted = room.get().items[0];
    expect(posted).toMatchObject({ kind: "message", own: true, key: pending?.key });
    expect(await delivered).toMatchObject({ clientId, body: "hello" });
    expect(clientId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("written without a connection goes out when there is one, in the order of writing", async () => {
    const house = new TestWorld();
    const general = house.room();
    const client = house.client();
    const room = client.room(general.id);
    for (const body of ["one", "two", "three"]) room.send(body);
    expect(shows(room)).toEqual(["one (pending)", "two (pending)", "three (pending)"]);
    client.connect();
    await house.clock.advance(1_000);
    expect(bodies(house)).toEqual(["one", "two", "three"]);
    expect(client.outbox.get()).toEqual([]);
  });

  test("whose reply is lost is sent again and posted once", async () => {
    const house = new TestWorld({ commit: 1 });
    const client = await house.connected();
    const room = await house.open(client, house.room());
    room.send("once");
    // There, committed, and the answer on its way.
    await house.clock.advance(7);
    expect(bodies(house)).toEqual(["once"]);
    house.line(alice).cut(true);
    expect(shows(room)).toEqual(["once (pending)"]);
    await house.clock.advance(2_000);
    expect(bodies(house)).toEqual(["once"]);
    expect(shows(room)).toEqual(["once"]);
    expect(client.outbox.get()).toEqual([]);
  });

  test("that the log tells of counts as delivered, though no reply comes", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const general = house.room();
    const room = await house.open(client, general);
    house.network.reachable = false;
    house.line(alice).cut(true);
    const { clientId, delivered } = room.send("hello");
    // Another tab has sent it meanwhile.
    house.server.post(general, alice, "hello", { clientId });
    house.network.reachable = true;
    await house.clock.advance(2_000);
    await delivered;
    expect(client.outbox.get()).toEqual([]);
    expect(house.server.answered.get("message.send"), "it is not sent again").toBeUndefined();
    expect(bodies(house)).toEqual(["hello"]);
  });

  test("that the server refuses stays, says why, and can be retried or discarded", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const general = house.room();
    const room = await house.open(client, general);
    house.server.change(general, { archived: true });
    const { clientId, delivered } = room.send("too late");
    const other = room.send("me too");
    await house.clock.advance(200);
    expect(shows(room)).toEqual(["* room.changed", "too late (failed)", "me too (failed)"]);
    expect(client.outbox.get()[0]).toMatchObject({ state: "failed", code: "ROOM_ARCHIVED" });
    await expect(delivered).rejects.toMatchObject({ name: "MessageFailed", code: "ROOM_ARCHIVED", clientId });
    house.server.change(general, { archived: false });
    client.outbox.discard(other.clientId);
    client.outbox.retry(clientId);
    expect(shows(room)).toEqual(["* room.changed", "too late (pending)"]);
    await house.clock.advance(200);
    expect(shows(room)).toEqual(["* room.changed", "* room.changed", "too late"]);
    expect(client.outbox.get()).toEqual([]);
  });

  test("that failed does not hold up those behind it", async () => {
    const house = new TestWorld();
    const room = await house.open(await house.connected(), house.room());
    room.send("   ");
    room.send("fine");
    await house.clock.advance(200);
    expect(shows(room)).toEqual(["fine", "    (failed)"]);
  });

  test("that is too much at once waits as long as the server says, and the order holds", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const room = await house.open(client, house.room());
    house.server.refuseNext.push({ name: "message.send", code: "RATE_LIMITED", retryAfter: 3 });
    room.send("one");
    room.send("two");
    await house.clock.advance(2_900);
    expect(shows(room)).toEqual(["one (pending)", "two (pending)"]);
    await house.clock.advance(1_000);
    expect(shows(room)).toEqual(["one", "two"]);
  });

  test("that the server fails at is tried five times, then it is the person's turn", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const room = await house.open(client, house.room());
    for (let i = 0; i < 5; i += 1) house.server.refuseNext.push({ name: "message.send", code: "INTERNAL" });
    room.send("poison");
    room.send("behind it");
    await house.clock.advance(60_000);
    expect(shows(room)).toEqual(["behind it", "poison (failed)"]);
  });

  test("to a room that one may not enter fails with what the server says", async () => {
    const house = new TestWorld();
    const secret = house.server.addRoom("Secret", { staffOnly: true });
    const client = await house.connected(bob);
    client.room(secret.id).send("hello?");
    await house.clock.advance(200);
    expect(client.outbox.get()).toMatchObject([{ state: "failed", code: "ROOM_INVALID" }]);
  });

  test("to a room that nobody has opened is posted; with follow `opened` the room is joined for it, and left", async () => {
    const house = new TestWorld();
    const general = house.room();
    const client = await house.connected(alice, { subscribeTo: "opened" });
    client.room(general.id).send("drive-by");
    await house.clock.advance(200);
    expect(bodies(house)).toEqual(["drive-by"]);
    expect(house.server.refusals).toEqual([]);
    await house.clock.advance(10_000);
    expect(house.server.answered.get("room.leave")).toBe(1);
  });

  test("refused because the connection is not in the room is sent after joining again", async () => {
    const house = new TestWorld();
    const room = await house.open(await house.connected(), house.room());
    house.server.refuseNext.push({ name: "message.send", code: "ROOM_ACCESS_DENIED" });
    room.send("let me in");
    await house.clock.advance(1_000);
    expect(shows(room)).toEqual(["let me in"]);
  });

  test("that no frame can carry fails here, before it costs the connection", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const room = await house.open(client, house.room());
    room.send("x".repeat(70_000));
    expect(client.outbox.get()).toMatchObject([{ state: "failed", code: "PAYLOAD_TOO_LARGE" }]);
    await house.clock.advance(200);
    expect(bodies(house)).toEqual([]);
  });

  test("beyond the bound is refused at once", () => {
    const house = new TestWorld();
    const room = house.client(alice, { maxUnsent: 2 }).room("room-1");
    room.send("one");
    room.send("two");
    expect(() => room.send("three")).toThrow(ClientBusy);
  });

  test("that is discarded is not sent, and whoever waits for it hears", async () => {
    const house = new TestWorld();
    const client = house.client();
    const { clientId, delivered } = client.room(house.room().id).send("never mind");
    client.outbox.discard(clientId);
    await expect(delivered).rejects.toBeInstanceOf(MessageFailed);
    client.connect();
    await house.clock.advance(500);
    expect(bodies(house)).toEqual([]);
  });
});

test("a message that a restored backup does not have, and that was not seen here, is sent again", async () => {
  const house = new TestWorld();
  const general = house.room();
  const client = await house.connected();
  const room = await house.open(client, general);
  // Somebody else's is lost on the way: one's own is acknowledged, and cannot be shown before it.
  house.server.faults = { deliver: () => [] };
  house.server.post(general, carol, "from the lost day");
  const { clientId } = room.send("mine");
  await house.clock.advance(20);
  expect(shows(room)).toEqual(["mine (sent)"]);
  house.server.kill();
  house.server.epoch = "epoch-2";
  general.cut(1);
  house.server.start();
  await house.clock.advance(2_000);
  expect(house.server.messagesOf(general)).toMatchObject([{ clientId, body: "mine" }]);
  expect(client.outbox.get()).toEqual([]);
});

describe("after a reload", () => {
  test("what was unsent goes out, before what is written since", async () => {
    const house = new TestWorld();
    const general = house.room();
    const outbox = memoryOutbox();
    const before = await house.connected(alice, { outbox });
    house.network.reachable = false;
    house.line(alice).cut(true);
    before.room(general.id).send("before");
    await house.clock.advance(10);
    before.disconnect();
    house.network.reachable = true;
    const after = house.client(alice, { outbox });
    after.room(general.id).send("after");
    after.connect();
    await house.clock.advance(1_000);
    expect(bodies(house)).toEqual(["before", "after"]);
    expect(await outbox.all()).toEqual([]);
  });

  test("what failed is still there, and says why", async () => {
    const house = new TestWorld();
    const general = house.room();
    const outbox = memoryOutbox();
    const before = await house.connected(alice, { outbox });
    house.server.change(general, { archived: true });
    before.room(general.id).send("too late");
    await house.clock.advance(200);
    before.disconnect();
    const after = await house.connected(alice, { outbox });
    expect(after.outbox.get()).toMatchObject([{ body: "too late", state: "failed", code: "ROOM_ARCHIVED" }]);
  });

  test("another person neither sees nor sends what somebody else wrote; its author does, later", async () => {
    const house = new TestWorld();
    const general = house.room();
    const outbox = memoryOutbox();
    const hers = await house.connected(alice, { outbox });
    house.network.reachable = false;
    house.line(alice).cut(true);
    hers.room(general.id).send("hers");
    await house.clock.advance(10);
    hers.disconnect();
    house.network.reachable = true;
    const his = await house.connected(bob, { outbox });
    expect(his.outbox.get()).toEqual([]);
    await house.clock.advance(120_000);
    expect(bodies(house)).toEqual([]);
    his.disconnect();
    await house.connected(alice, { outbox });
    await house.clock.advance(500);
    expect(house.server.messagesOf(general)).toMatchObject([{ body: "hers", author: { id: "alice" } }]);
  });

  test("what nobody is known to have written waits for a person's word", async () => {
    const house = new TestWorld();
    const general = house.room();
    const outbox = memoryOutbox();
    house.client(alice, { outbox }).room(general.id).send("whose?");
    await house.clock.advance(10);
    const after = await house.connected(alice, { outbox });
    expect(after.outbox.get()).toMatchObject([{ state: "failed", code: "AUTHOR_UNKNOWN" }]);
    after.outbox.retry(after.outbox.get()[0]?.clientId ?? "");
    await house.clock.advance(200);
    expect(bodies(house)).toEqual(["whose?"]);
  });

  test("a storage that does not work is reported, and sending goes on", async () => {
    const house = new TestWorld();
    const general = house.room();
    const failures: unknown[] = [];
    const broken = () => Promise.reject(new Error("quota"));
    const client = await house.connected(alice, {
      outbox: { all: broken, put: broken, delete: broken },
      onStorageError: (error) => failures.push(error),
    });
    client.room(general.id).send("all the same");
    await house.clock.advance(500);
    expect(bodies(house)).toEqual(["all the same"]);
    expect(failures.length).toBeGreaterThanOrEqual(2);
  });

  test("a storage that never answers is not waited for longer than five seconds", async () => {
    const house = new TestWorld();
    const general = house.room();
    const never = () => new Promise<never>(() => {});
    const client = await house.connected(alice, { outbox: { all: never, put: never, delete: never } });
    client.room(general.id).send("at last");
    await house.clock.advance(4_000);
    expect(bodies(house)).toEqual([]);
    await house.clock.advance(1_500);
    expect(bodies(house)).toEqual(["at last"]);
  });
});

describe("tabs that share an outbox", () => {
  /** The browser's locks, as far as they are used: held until the tab is closed. */
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

  test("tell the living from the dead by their locks", async () => {
    const locks = new TestLocks();
    const first = lockedTabs(locks, "first");
    lockedTabs(locks, "second");
    expect(await first.findClosed(new Set(["first", "second", "third"]))).toEqual(new Set(["third"]));
    locks.names.delete("multichat-tab:second");
    expect(await first.findClosed(new Set(["first", "second"]))).toEqual(new Set(["second"]));
  });

  test("a tab adopts within a minute what another one left behind", async () => {
    const house = new TestWorld();
    const general = house.room();
    const outbox = memoryOutbox();
    const client = await house.connected(alice, { outbox });
    const orphan: OutboxRecord = {
      clientId: "left-behind",
      room: general.id,
      body: "from a closed tab",
      replyTo: null,
      createdAt: house.clock.now(),
      author: alice.id,
      owner: "another tab",
      failed: null,
    };
    await outbox.put(orphan);
    await house.clock.advance(61_000);
    expect(bodies(house)).toEqual(["from a closed tab"]);
    expect(client.outbox.get()).toEqual([]);
    expect(await outbox.all()).toEqual([]);
  });
});
