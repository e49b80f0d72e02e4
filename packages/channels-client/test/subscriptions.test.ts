import { describe, expect, test } from "vitest";
import { WebSocket as WsWebSocket } from "ws";
import { disconnect, untilPhase, useFixture } from "./support/fixture.ts";

const fixture = useFixture();

test("a subscription runs its command at once, and again on each new connection, with the position of then", async () => {
  const client = fixture.open();
  const sender = fixture.open();
  const received: string[] = [];
  let since = 0;
  const subscription = client.subscribe("room.join", () => ({ room: "resumed", since }), {
    onReply({ head, missed }) {
      received.push(...missed);
      since = head;
    },
    on: {
      "room.posted": ({ seq, text }) => {
        if (seq > since) received.push(text);
        since = Math.max(since, seq);
      },
    },
  });
  expect(await subscription.ready).toEqual({ head: 0, missed: [] });
  expect(subscription.isActive).toBe(true);
  await sender.call("room.join", { room: "resumed" });
  await sender.call("room.send", { room: "resumed", text: "a" });
  await expect.poll(() => received).toEqual(["a"]);

  // The sender is connected directly, so that only the client misses something.
  const direct = fixture.open({ url: fixture.live.url("/ws") });
  await direct.call("room.join", { room: "resumed" });
  const { target } = fixture.network;
  fixture.network.target = 1;
  fixture.network.cut();
  await untilPhase(client, "waiting");
  expect(subscription.isActive).toBe(false);
  for (const text of ["b", "c"]) await direct.call("room.send", { room: "resumed", text });
  fixture.network.target = target;
  await expect.poll(() => received).toEqual(["a", "b", "c"]);
  await direct.call("room.send", { room: "resumed", text: "d" });
  await expect.poll(() => received).toEqual(["a", "b", "c", "d"]);
});

test("subscriptions run before the calls that wait for the connection, in their order", async () => {
  const { world } = fixture;
  world.roomCommands.length = 0;
  // Subscriptions take no place of a call's, and no call takes theirs.
  const client = fixture.open({ maxCalls: 1 });
  client.subscribe("wait", { for: "place" });
  const sent = client.call("room.send", { room: "b", text: "hi" });
  for (const room of ["a", "b"]) client.subscribe("room.join", { room });
  await sent;
  expect(world.roomCommands).toEqual(["join a", "join b", "send b"]);
});

test("one that is ended leaves, is not run again, and cancels what is under way", async () => {
  const { world } = fixture;
  world.roomCommands.length = 0;
  const client = fixture.open();
  const room = "left";
  const leave = () => client.call("room.leave", { room });
  const subscription = client.subscribe("room.join", { room }, { leave });
  await subscription.ready;
  subscription.end();
  subscription.end();
  expect(subscription.isActive).toBe(false);
  await client.call("echo", { text: "x" });
  expect(world.roomCommands).toEqual([`join ${room}`, `leave ${room}`]);

  const underWay = client.subscribe("room.join", { room }, { leave });
  underWay.end();
  await expect(underWay.ready).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
  await client.call("echo", { text: "x" });
  expect(world.roomCommands.slice(2)).toEqual([`join ${room}`, `leave ${room}`]);

  fixture.network.cut();
  await client.call("echo", { text: "x" }, { repeat: true });
  expect(world.roomCommands).toHaveLength(4);

  // Without a connection there is nothing to leave.
  const { target } = fixture.network;
  fixture.network.target = 1;
  fixture.network.cut();
  await untilPhase(client, "waiting");
  const waiting = client.subscribe("room.join", { room }, { leave });
  waiting.end();
  fixture.network.target = target;
  await client.call("echo", { text: "x" });
  expect(world.roomCommands).toHaveLength(4);
});

test("one that the server refuses ends, and one that fails for the moment is tried again", async () => {
  const { world } = fixture;
  const client = fixture.open();
  world.joinFailures = 3;
  const subscription = client.subscribe("room.join", { room: "closed" });
  expect(await subscription.ready).toMatchObject({ head: 0 });
  expect(world.joinFailures).toBe(0);

  // Access was lost while there was no connection.
  world.deniedRooms.add("closed");
  const errors: unknown[] = [];
  const listened = client.subscribe("room.join", { room: "closed" }, { onError: (error) => errors.push(error) });
  await expect(listened.ready).rejects.toMatchObject({ code: "ROOM_ACCESS_DENIED" });
  expect(errors).toEqual([expect.objectContaining({ code: "ROOM_ACCESS_DENIED" })]);
  world.roomCommands.length = 0;
  fixture.network.cut();
  await client.call("echo", { text: "x" }, { repeat: true });
  expect(world.roomCommands).toEqual(["join closed"]);
  fixture.network.cut();
  await client.call("echo", { text: "x" }, { repeat: true });
  expect(world.roomCommands).toEqual(["join closed"]);

  const broken = client.subscribe("room.join", () => {
    throw new Error("no position");
  });
  await expect(broken.ready).rejects.toThrow("no position");
});

test("close() ends subscriptions, and connect() does not bring them back; a refusal by the server keeps them", async () => {
  const { world } = fixture;
  world.deniedRooms.clear();
  const client = fixture.open();
  const subscription = client.subscribe("room.join", { room: "held" });
  await subscription.ready;
  disconnect(client, 4200);
  await untilPhase(client, "closed");
  world.roomCommands.length = 0;
  client.connect();
  await expect.poll(() => subscription.isActive).toBe(true);
  const unanswered = client.subscribe("room.join", { room: "unanswered" });
  client.close();
  await expect(unanswered.ready).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
  world.roomCommands.length = 0;
  client.connect();
  await client.call("echo", { text: "x" });
  expect(world.roomCommands).not.toContain("join held");
});

test("events that overtake the reply are delivered after it; too many of them run the command again", async () => {
  const { world } = fixture;
  const client = fixture.open();
  const received: unknown[] = [];
  const join = (maxBuffered: number) =>
    client.subscribe("room.join", () => ({ room: "eager" }), {
      onReply: ({ missed }) => received.push(missed),
      on: { "room.posted": ({ seq }) => received.push(seq) },
      maxBuffered,
    });
  await client.call("echo", { text: "x" });
  world.eagerPosts = 3;
  const first = join(3);
  await first.ready;
  expect(received).toEqual([[], 1, 2, 3]);
  first.end();
  received.length = 0;
  world.eagerPosts = 3;
  await join(2).ready;
  expect(received).toEqual([Array(6).fill("eager")]);
});

test("events that arrive in one read with the reply are delivered after it, however many they are", async () => {
  const { world, network } = fixture;
  // Dispatches all frames of a read at once.
  const client = fixture.open({ WebSocket: WsWebSocket });
  const direct = fixture.open({ url: fixture.live.url("/ws") });
  const received: string[] = [];
  const subscription = client.subscribe(
    "wait",
    { for: "one read" },
    {
      onReply: ({ waited }) => received.push(waited),
      on: { "message.posted": ({ text }) => received.push(text) },
      maxBuffered: 2,
    },
  );
  await expect.poll(() => world.started).toContain("one read");
  network.freeze();
  world.gate("one read").resolve();
  for (const text of ["a", "b", "c"]) await direct.call("message.send", { text });
  network.freeze(false);
  await subscription.ready;
  await expect.poll(() => received).toEqual(["one read", "a", "b", "c"]);
});

test("its state follows it: pending, active with the reply, pending again without a connection, ended", async () => {
  const client = fixture.open();
  const subscription = client.subscribe("room.join", { room: "states" });
  const states = [subscription.state.get()];
  subscription.state.subscribe(() => states.push(subscription.state.get()));
  await subscription.ready;
  fixture.network.cut();
  await expect.poll(() => states.length).toBe(4);
  subscription.end();
  subscription.end();
  const reply = { head: 0, missed: [] };
  expect(states).toEqual([
    { phase: "pending", reply: undefined },
    { phase: "active", reply },
    { phase: "pending", reply },
    { phase: "active", reply, recovered: false },
    { phase: "ended", reply, error: expect.objectContaining({ code: "CLIENT_CLOSED" }) },
  ]);
});

describe("subscriptions with the same command and key", () => {
  const setUp = async (room: string) => {
    const { world } = fixture;
    const client = fixture.open();
    await client.call("echo", { text: "x" });
    world.roomCommands.length = 0;
    const received: string[] = [];
    const join = (name: string, key: string | undefined = room) =>
      client.subscribe("room.join", () => ({ room }), {
        ...(key === "" ? {} : { key }),
        on: { "room.posted": ({ text }) => received.push(`${name} ${text}`) },
        leave: () => client.call("room.leave", { room }),
      });
    const settle = async () => {
      await client.call("echo", { text: "x" }, { repeat: true });
      return world.roomCommands.splice(0);
    };
    return { world, client, join, settle, received };
  };
  const join = (room: string) => `join ${room}`;
  const leave = (room: string) => `leave ${room}`;

  test("leave once, when the last of them ends, also after reconnects", async () => {
    const room = "shared";
    const { client, join: subscribe, settle, received } = await setUp(room);
    const first = subscribe("first");
    const second = subscribe("second");
    await Promise.all([first.ready, second.ready]);
    expect(await settle()).toEqual([join(room), join(room)]);
    first.end();
    await client.call("room.send", { room, text: "a" });
    expect(received).toEqual(["second a"]);
    expect(await settle()).toEqual([`send ${room}`]);

    fixture.network.cut();
    expect(await settle()).toEqual([join(room)]);
    const third = subscribe("third");
    await third.ready;
    second.end();
    expect(await settle()).toEqual([join(room)]);
    fixture.network.cut();
    expect(await settle()).toEqual([join(room)]);
    third.end();
    third.end();
    expect(await settle()).toEqual([leave(room)]);
    // The next one starts from nothing.
    const fourth = subscribe("fourth");
    await fourth.ready;
    fourth.end();
    expect(await settle()).toEqual([join(room), leave(room)]);
  });

  test("leave what one that has ended has joined, when the last one is refused or never joined", async () => {
    const room = "owed";
    const { world, join: subscribe, settle } = await setUp(room);
    const first = subscribe("first");
    await first.ready;
    world.deniedRooms.add(room);
    const refused = subscribe("refused");
    first.end();
    await expect(refused.ready).rejects.toMatchObject({ code: "ROOM_ACCESS_DENIED" });
    expect(await settle()).toEqual([join(room), join(room), leave(room)]);
    // Alone it has joined nothing.
    await expect(subscribe("refused").ready).rejects.toMatchObject({ code: "ROOM_ACCESS_DENIED" });
    expect(await settle()).toEqual([join(room)]);

    // A connection that ends takes with it what was joined.
    world.deniedRooms.delete(room);
    const second = subscribe("second");
    await second.ready;
    const third = subscribe("third");
    second.end();
    expect(await settle()).toEqual([join(room), join(room)]);
    world.deniedRooms.add(room);
    fixture.network.cut();
    await expect.poll(() => third.isActive).toBe(false);
    // The first one brings the refusal, after which it would leave.
    expect([...(await settle()), ...(await settle())]).toEqual([join(room)]);
    world.deniedRooms.delete(room);
  });

  test("are not those with another key, another command, or none", async () => {
    const room = "apart";
    const { client, join: subscribe, settle } = await setUp(room);
    const subscriptions = [
      subscribe("one", "one"),
      subscribe("two", "two"),
      subscribe("three", ""),
      subscribe("four", ""),
    ];
    client.subscribe("user.get", {}, { key: "one" });
    await Promise.all(subscriptions.map(({ ready }) => ready));
    await settle();
    for (const subscription of subscriptions) subscription.end();
    expect(await settle()).toEqual(Array(4).fill(leave(room)));
  });

  test("do not undo the next join with a leave that was lost with its connection", async () => {
    const room = "bound";
    const { world } = await setUp(room);
    const client = fixture.open({ repeatable: { "room.leave": true } });
    const leaveRoom = () => client.call("room.leave", { room });
    const first = client.subscribe("room.join", { room }, { key: room, leave: leaveRoom });
    await first.ready;
    fixture.network.losesNextReply = true;
    first.end();
    const second = client.subscribe("room.join", { room }, { key: room, leave: leaveRoom });
    await client.call("echo", { text: "x" }, { repeat: true });
    await second.ready;
    expect(fixture.network.cuts).toBe(1);
    await client.call("room.send", { room, text: "still here" });
    expect(world.roomCommands.filter((command) => command === leave(room)).length).toBeLessThanOrEqual(1);
  });
});

test("one whose command is too large for the server ends, and the others are run again", async () => {
  const client = fixture.open();
  const waiting = client.subscribe("wait", { for: "beside a large one" });
  await expect.poll(() => fixture.world.started).toContain("beside a large one");
  const errors: unknown[] = [];
  const room = "x".repeat(70_000);
  const large = client.subscribe("room.join", { room }, { onError: (error) => errors.push(error) });
  await expect(large.ready).rejects.toMatchObject({ code: "COMMAND_TOO_LARGE" });
  expect(errors).toHaveLength(1);
  fixture.world.gate("beside a large one").resolve();
  expect(await waiting.ready).toEqual({ waited: "beside a large one" });

  // A listener may close the client.
  const closed = client.subscribe("room.join", { room }, { onError: () => client.close() });
  await expect(closed.ready).rejects.toMatchObject({ code: "COMMAND_TOO_LARGE" });
  expect(client.connection.get()).toEqual({ phase: "closed", reason: { kind: "client" } });
});

test("one without a reply rejects when the client ends, and is run after connect()", async () => {
  let token: string | null = null;
  const client = fixture.open({ token: () => token });
  const first = client.subscribe("room.join", { room: "first" });
  await expect(first.ready).rejects.toMatchObject({ code: "NOT_CONNECTED", wasSent: false });
  expect(client.connection.get()).toMatchObject({ reason: { kind: "signed-out" } });
  const second = client.subscribe("room.join", { room: "second" });
  await expect(second.ready).rejects.toMatchObject({ code: "NOT_CONNECTED" });
  token = "alice";
  client.connect();
  await expect.poll(() => [first, second].map(({ isActive }) => isActive)).toEqual([true, true]);
});
