import type { ErrorCode } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

const UNKNOWN_ROOM = "00000000-0000-7000-8000-000000000000";

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000", LIMIT_MESSAGE_CHARS: "100" } });
});
afterAll(async () => {
  await chat.close();
});

const open = (username = "alice"): Promise<ChatClient> => ChatClient.open(chat, username);

describe("every command", () => {
  test("room.list returns the visible rooms, the user and the epoch", async () => {
    const client = await open();
    const { rooms, me, epoch } = await client.do("room.list", {});
    expect(rooms.map(({ number, title }) => [number, title])).toEqual([
      [1, "General"],
      [2, "Random"],
    ]);
    expect(rooms[0]).toEqual({
      id: expect.any(String),
      number: 1,
      title: "General",
      topic: "",
      kind: "open",
      staffOnly: false,
      archived: false,
      slowModeSeconds: 0,
      people: [],
      role: null,
      mutedUntil: null,
      lastSeq: expect.any(Number),
      createdAt: expect.any(Number),
      unread: expect.any(Number),
      mentions: expect.any(Number),
    });
    expect(me).toMatchObject({ username: "alice", staff: false, superuser: false });
    expect(epoch).not.toBe("");
    client.close();
  });

  test("room.join returns the room, the member state and the latest page, and subscribes to its events", async () => {
    const [alice, bob] = [await open(), await open("bob")];
    const joined = await alice.join(1);
    expect(joined).toMatchObject({ reset: true, room: { number: 1 }, state: { unread: expect.any(Number) } });
    await bob.join(1);
    const { message, seq } = await bob.say(1, "hello");
    const event = await alice.event("message.posted", ({ message: { id } }) => id === message.id);
    expect(event).toEqual({ on: "message.posted", room: joined.room.id, seq, message });
    expect(message).toMatchObject({
      body: "hello",
      author: { username: "bob" },
      kind: "message",
      room: joined.room.id,
    });
    alice.close();
    bob.close();
  });

  test("room.join with since returns exactly the missing events", async () => {
    const [alice, bob] = [await open(), await open("bob")];
    await bob.join(2);
    const first = await bob.say(2, "one");
    const second = await bob.say(2, "two");
    const third = await bob.say(2, "three");
    expect(await alice.do("room.join", { room: 2, since: first.seq })).toMatchObject({
      reset: false,
      events: [
        { on: "message.posted", seq: second.seq, message: { body: "two" } },
        { on: "message.posted", seq: third.seq, message: { body: "three" } },
      ],
    });
    expect(await alice.do("room.join", { room: 2, since: third.seq })).toMatchObject({ reset: false, events: [] });
    const ahead = await alice.do("room.join", { room: 2, since: third.seq + 1_000 });
    expect(ahead.reset).toBe(true);
    alice.close();
    bob.close();
  });

  test("room.leave ends the events, and succeeds for a room that was not joined", async () => {
    const [alice, bob] = [await open(), await open("bob")];
    await alice.join(1);
    await bob.join(1);
    expect(await alice.do("room.leave", { room: 1 })).toEqual({});
    expect(await alice.do("room.leave", { room: 1 })).toEqual({});
    await bob.say(1, "after alice left");
    await alice.fence();
    expect(alice.events.filter(({ on }) => on === "message.posted")).toEqual([]);
    alice.close();
    bob.close();
  });

  test("message.send is idempotent for the same clientId", async () => {
    const alice = await open();
    await alice.join(1);
    const first = await alice.say(1, "once", "the-same");
    const retried = await alice.say(1, "once more", "the-same");
    expect(retried).toEqual(first);
    const { messages } = await alice.do("history.page", { room: 1, limit: 100 });
    expect(messages.filter(({ clientId }) => clientId === "the-same")).toEqual([first.message]);
    alice.close();
  });

  test("history.page returns the latest messages, or those before, after and around a seq, and whether there are more", async () => {
    const alice = await open();
    await alice.join(2);
    const sent = [];
    for (const body of ["a", "b", "c", "d"]) sent.push(await alice.say(2, body));
    const [a, b, c, d] = sent.map(({ seq }) => seq);
    const page = async (options: object) => await alice.do("history.page", { room: 2, ...options });
    const seqs = async (options: object) => (await page(options)).messages.map(({ seq }) => seq);
    expect(await seqs({ limit: 2 })).toEqual([c, d]);
    expect(await seqs({ before: c, limit: 2 })).toEqual([a, b]);
    expect(await seqs({ after: b, limit: 100 })).toEqual([c, d]);
    expect(await seqs({ around: b, limit: 3 })).toEqual([a, b, c]);
    expect(await page({ after: b, limit: 1 })).toMatchObject({ hasBefore: true, hasAfter: true });
    expect(await page({ limit: 1 })).toMatchObject({ hasBefore: true, hasAfter: false });
    alice.close();
  });

  test("room.read moves the marker and notifies only the user's other devices", async () => {
    const [phone, desk, bob] = [await open(), await open(), await open("bob")];
    await bob.join(2);
    const { seq, message } = await bob.say(2, "unread by alice");
    const before = (await phone.do("room.list", {})).rooms.find(({ number }) => number === 2);
    expect(before?.unread).toBeGreaterThan(0);
    expect(await phone.do("room.read", { room: 2, seq })).toMatchObject({ readSeq: seq, unread: 0 });
    expect(await desk.event("room.read")).toEqual({ on: "room.read", room: message.room, seq, unread: 0, mentions: 0 });
    expect(await phone.do("room.read", { room: 2, seq: 0 }), "never backwards").toMatchObject({ readSeq: seq });
    expect((await phone.do("room.read", { room: 2, seq: seq + 1_000 })).readSeq, "never ahead of the log").toBe(seq);
    expect(await phone.do("room.read", { room: 2, seq: seq - 1, revision: 1 })).toMatchObject({
      readSeq: seq - 1,
      unread: 1,
    });
    await desk.event("room.read", (event) => event.seq === seq - 1 && event.revision === 1 && event.unread === 1);
    expect(await desk.do("room.read", { room: 2, seq, revision: 0 }), "read before").toMatchObject({
      readRevision: 1,
      unread: 1,
    });
    await bob.fence();
    expect(bob.events.filter(({ on }) => on === "room.read")).toEqual([]);
    for (const client of [phone, desk, bob]) client.close();
  });

  test("resume returns the missed events of every room in one round trip, and joins the rooms", async () => {
    const [alice, bob] = [await open(), await open("bob")];
    const one = await alice.join(1);
    const two = await alice.join(2);
    const { epoch } = await alice.do("room.list", {});
    alice.close();
    await alice.closed();
    await bob.join(1);
    const missed = await bob.say(1, "while alice was offline");
    const back = await open();
    const { rooms } = await back.do("resume", {
      epoch,
      rooms: { [one.room.id]: one.room.lastSeq, [two.room.id]: two.room.lastSeq, [UNKNOWN_ROOM]: 7, "1": 0 },
    });
    expect(rooms[one.room.id]).toMatchObject({ reset: false, events: [{ seq: missed.seq }] });
    expect(rooms[two.room.id]).toMatchObject({ reset: false, events: [] });
    expect(rooms[UNKNOWN_ROOM]).toEqual({ gone: true });
    expect(rooms["1"], "rooms are resumed by their id").toEqual({ gone: true });
    const next = await bob.say(1, "after the resume");
    await back.event("message.posted", ({ seq }) => seq === next.seq);
    back.close();
    bob.close();
  });

  test("resume with another epoch resets every room", async () => {
    const alice = await open();
    const { room } = await alice.join(1);
    const { rooms, epoch } = await alice.do("resume", {
      epoch: "before the backup",
      rooms: { [room.id]: room.lastSeq },
    });
    expect(rooms[room.id]).toMatchObject({ reset: true, page: { messages: expect.any(Array) } });
    expect(epoch).toBe((await alice.do("room.list", {})).epoch);
    alice.close();
  });

  test("ping returns an empty result", async () => {
    const alice = await open();
    expect(await alice.do("ping", {})).toEqual({});
    alice.close();
  });
});

describe("every error", () => {
  const cases: readonly [title: string, frame: unknown, re: number | null, code: ErrorCode][] = [
    ["invalid JSON", "{", null, "COMMAND_INVALID"],
    ["an empty frame", "", null, "COMMAND_INVALID"],
    ["an array", [], null, "COMMAND_INVALID"],
    ["no id", { do: "ping" }, null, "COMMAND_INVALID"],
    ["an unknown command", { id: 1, do: "room.dance" }, 1, "COMMAND_UNKNOWN"],
    ["a missing member", { id: 2, do: "room.join" }, 2, "COMMAND_INVALID"],
    ["an empty body", { id: 3, do: "message.send", room: 1, clientId: "a", body: " \n" }, 3, "MESSAGE_INVALID"],
    ["a NUL in the body", { id: 3, do: "message.send", room: 1, clientId: "a", body: "a\0b" }, 3, "MESSAGE_INVALID"],
    [
      "half a surrogate pair",
      '{"id":3,"do":"message.send","room":1,"clientId":"a","body":"\\ud800"}',
      3,
      "MESSAGE_INVALID",
    ],
    [
      "a body over the limit",
      { id: 3, do: "message.send", room: 1, clientId: "a", body: "x".repeat(101) },
      3,
      "MESSAGE_INVALID",
    ],
    ["an unknown room", { id: 4, do: "room.join", room: 999 }, 4, "ROOM_INVALID"],
    ["a room number with a leading zero", { id: 4, do: "room.join", room: "01" }, 4, "ROOM_INVALID"],
    [
      "sending to a room that was not joined",
      { id: 5, do: "message.send", room: 1, clientId: "a", body: "x" },
      5,
      "ROOM_ACCESS_DENIED",
    ],
    [
      "sending to an unknown room",
      { id: 5, do: "message.send", room: 999, clientId: "a", body: "x" },
      5,
      "ROOM_INVALID",
    ],
    ["before and after together", { id: 6, do: "history.page", room: 1, before: 1, after: 1 }, 6, "COMMAND_INVALID"],
    ["a page limit over the maximum", { id: 7, do: "history.page", room: 1, limit: 101 }, 7, "COMMAND_INVALID"],
  ];
  test.each(cases)("%s", async (_title, frame, re, code) => {
    const alice = await open();
    alice.send(frame);
    const { error } = await alice.reply(re);
    expect(error).toMatchObject({ code, message: expect.any(String) });
    await alice.fence();
    expect(alice.replies(re), "exactly one reply").toHaveLength(1);
    alice.close();
  });

  test("closes with 1003 on a binary frame", async () => {
    const alice = await open();
    alice.ws.send(Buffer.from('{"id":1,"do":"ping"}'));
    expect(await alice.closed()).toBe(1003);
  });

  test("closes with 1009 on a frame over the limit", async () => {
    const alice = await open();
    alice.send({ id: 1, do: "ping", padding: "x".repeat(70_000) });
    expect(await alice.closed()).toBe(1009);
  });
});

describe("an archived room", () => {
  test("can be joined and read but not written to until it is unarchived", async () => {
    const alice = await open();
    await alice.join(2);
    await chat.changeRoom(2, { archived: true });
    const changed = await alice.event("room.changed");
    expect(changed).toMatchObject({ changes: { archived: true }, by: { username: "admin" } });
    expect(await alice.refusal("message.send", { room: 2, clientId: "late", body: "x" })).toMatchObject({
      code: "ROOM_ARCHIVED",
    });
    expect((await alice.join(2)).room.archived).toBe(true);
    expect((await alice.do("history.page", { room: 2 })).messages).not.toEqual([]);
    await chat.changeRoom(2, { archived: false });
    await alice.event("room.changed", ({ changes }) => changes.archived === false);
    await alice.say(2, "open again");
    alice.close();
  });
});

describe("entering and leaving", () => {
  /** A room that nobody of an earlier test still leaves. */
  const createRoom = async (): Promise<string> => {
    const creator = await open("admin");
    const { room } = await creator.do("room.create", { clientId: crypto.randomUUID(), title: "Just opened" });
    creator.close();
    return room.id;
  };

  test("is announced to the others in the room, and not to the connection itself", async () => {
    const [alice, bob] = [await open(), await open("bob")];
    const room = await createRoom();
    await alice.join(room);
    await bob.join(room);
    await alice.named("entered", "bob");
    await bob.join(room);
    await bob.fence();
    await alice.fence();
    expect(bob.events.filter(({ on }) => on === "room.entered")).toEqual([]);
    expect(alice.timesNamed("entered", "bob")).toBe(1);
    bob.ws.terminate();
    await alice.named("exited", "bob");
    alice.close();
  });

  test("is not announced for a resumed room, unless the connection also joins it", async () => {
    const [alice, bob] = [await open(), await open("bob")];
    const room = await createRoom();
    await alice.join(room);
    const { epoch } = await bob.do("room.list", {});
    await bob.do("resume", { rooms: { [room]: 0 }, epoch });
    await alice.fence();
    expect(alice.timesNamed("entered", "bob")).toBe(0);
    await bob.join(room);
    await alice.named("entered", "bob");
    const resumed = await open("bob");
    await resumed.do("resume", { rooms: { [room]: 0 }, epoch });
    resumed.ws.terminate();
    bob.ws.terminate();
    await alice.named("exited", "bob");
    await alice.fence();
    expect(alice.timesNamed("exited", "bob")).toBe(1);
    alice.close();
  });
});
