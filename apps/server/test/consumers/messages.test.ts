import type { Message } from "@multichat/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
});
afterAll(() => chat.close());

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

/** Open, and in the first room. */
async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  opened.push(client);
  await client.join(1);
  return client;
}

const latest = async (client: ChatClient, id: string): Promise<Message | undefined> =>
  (await client.do("history.page", { room: 1 })).messages.find((message) => message.id === id);

test("a reply that was lost is asked for again when one may not write any more, and is what it was", async () => {
  const [admin, alice] = [await open("admin"), await open("alice")];
  const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title: "Closing soon" });
  await alice.do("room.join", { room: room.id });
  const send = { room: room.id, clientId: crypto.randomUUID(), body: "just in time" };
  const first = await alice.do("message.send", send);
  const on = { room: room.id, message: first.message.id };
  const edited = await alice.do("message.edit", { ...on, body: "in time" });
  const reacted = await alice.do("reaction.add", { ...on, emoji: "👍" });
  await admin.do("member.add", { room: room.id, user: "alice" });
  await admin.do("member.change", { room: room.id, user: "alice", muteSeconds: 600 });
  expect((await alice.do("message.send", send)).seq).toBe(first.seq);
  expect((await alice.do("message.edit", { ...on, body: "in time" })).seq).toBe(edited.seq);
  expect(await alice.do("reaction.add", { ...on, emoji: "👍" })).toEqual(reacted);
  for (const refused of [
    await alice.refusal("message.send", { ...send, clientId: crypto.randomUUID() }),
    await alice.refusal("message.edit", { ...on, body: "too late" }),
    await alice.refusal("reaction.add", { ...on, emoji: "🎉" }),
  ]) {
    expect(refused.code).toBe("MEMBER_MUTED");
  }
  await chat.changeRoom(room.number, { archived: true });
  expect((await alice.do("message.send", send)).seq).toBe(first.seq);
});

test("a change that arrives a second time takes effect no second time, however much has changed since", async () => {
  const [alice, phone] = [await open("alice"), await open("alice")];
  const { message } = await alice.say(1, "one");
  const on = { room: 1, message: message.id };
  const edit = { ...on, clientId: crypto.randomUUID(), body: "two" };
  const add = { ...on, clientId: crypto.randomUUID(), emoji: "👍" };
  const first = [await alice.do("message.edit", edit), await alice.do("reaction.add", add)];
  await alice.do("message.edit", { ...on, clientId: crypto.randomUUID(), body: "three" });
  await alice.do("reaction.remove", { ...on, clientId: crypto.randomUUID(), emoji: "👍" });
  const { seq: end } = await phone.say(1, "fence");
  const late = [await phone.do("message.edit", edit), await phone.do("reaction.add", add)];
  expect(
    late.map(({ seq }) => seq),
    "answered as the first time",
  ).toEqual(first.map(({ seq }) => seq));
  expect(await latest(alice, message.id)).toMatchObject({ body: "three", reactions: [] });
  expect((await alice.say(1, "nothing came between")).seq).toBe(end + 1);
  // Somebody else's change of the same name is another one.
  const bob = await open("bob");
  await bob.do("reaction.add", add);
  expect((await latest(alice, message.id))?.reactions).toMatchObject([{ emoji: "👍", count: 1 }]);
});

test("pins and deletions are such changes, too; without a name each command stands for itself", async () => {
  const [sara, alice] = [await open("sara"), await open("alice")];
  const { message } = await alice.say(1, "pin me");
  const on = { room: 1, message: message.id };
  const pin = { ...on, clientId: crypto.randomUUID() };
  const { seq } = await sara.do("message.pin", pin);
  await sara.do("message.unpin", on);
  expect((await sara.do("message.pin", pin)).seq).toBe(seq);
  expect((await latest(sara, message.id))?.pinned).toBe(false);
  await sara.do("message.pin", on);
  expect((await latest(sara, message.id))?.pinned).toBe(true);
  await sara.do("message.unpin", on);
  const remove = { ...on, clientId: crypto.randomUUID() };
  expect(await alice.do("message.delete", remove)).toEqual(await alice.do("message.delete", remove));
});

describe("editing", () => {
  test("changes what everybody reads from then on, in the log and in the history", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "helo");
    const { seq, message: edited } = await alice.do("message.edit", { room: 1, message: message.id, body: "hello" });
    expect(edited).toMatchObject({ id: message.id, seq: message.seq, body: "hello", editedAt: expect.any(Number) });
    const heard = await bob.event("message.edited", (event) => event.message.id === message.id);
    expect(heard).toEqual({
      on: "message.edited",
      room: message.room,
      seq,
      message: edited,
      by: { id: message.author?.id, username: "alice" },
    });
    expect(await latest(bob, message.id)).toEqual(edited);
  });

  test("a reply that was lost: the same again is answered as before, and told once", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "helo");
    const edit = { room: 1, message: message.id, body: "hello" };
    const first = await alice.do("message.edit", edit);
    expect(await phone.do("message.edit", edit)).toEqual(first);
    await bob.event("message.edited", (event) => event.message.id === message.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "message.edited")).toHaveLength(1);
  });

  test("is for who wrote it: not for others, staff neither; not for what is deleted or was never there", async () => {
    const [alice, bob, sara] = [await open("alice"), await open("bob"), await open("sara")];
    const { message } = await alice.say(1, "mine");
    for (const other of [bob, sara]) {
      const { code } = await other.refusal("message.edit", { room: 1, message: message.id, body: "theirs" });
      expect(code).toBe("ROOM_ACCESS_DENIED");
    }
    await alice.do("message.delete", { room: 1, message: message.id });
    for (const id of [message.id, "nothing"]) {
      expect((await alice.refusal("message.edit", { room: 1, message: id, body: "again" })).code).toBe(
        "MESSAGE_NOT_FOUND",
      );
    }
  });

  test("an empty body is refused as that of a message is", async () => {
    const alice = await open("alice");
    const { message } = await alice.say(1, "something");
    expect((await alice.refusal("message.edit", { room: 1, message: message.id, body: " " })).code).toBe(
      "MESSAGE_INVALID",
    );
  });

  test("of another room's message there is none here", async () => {
    const alice = await open("alice");
    await alice.join(2);
    const { message } = await alice.say(2, "over there");
    expect((await alice.refusal("message.edit", { room: 1, message: message.id, body: "here" })).code).toBe(
      "MESSAGE_NOT_FOUND",
    );
  });
});

describe("deleting", () => {
  test("by its author: the place stays, what it said is gone everywhere", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "a regrettable rhododendron");
    const { seq } = await alice.do("message.delete", { room: 1, message: message.id });
    const heard = await bob.event("message.deleted", (event) => event.message === message.id);
    expect(heard).toMatchObject({ seq, deletedAt: expect.any(Number), by: { username: "alice" } });
    expect(await latest(bob, message.id)).toMatchObject({ body: "", deletedAt: heard.deletedAt });
    const { found } = await bob.do("message.search", { query: "rhododendron" });
    expect(found).toEqual([]);
    const again = await bob.do("room.join", { room: 1, since: message.seq - 1 });
    expect(JSON.stringify(again)).not.toContain("rhododendron");
  });

  test("again, and from another device: answered as before, and told once", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "twice");
    const first = await alice.do("message.delete", { room: 1, message: message.id });
    expect(await phone.do("message.delete", { room: 1, message: message.id })).toEqual(first);
    await bob.event("message.deleted", (event) => event.message === message.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "message.deleted")).toHaveLength(1);
  });

  test("not by another member; by staff, who moderate every room that they may enter", async () => {
    const [alice, bob, sara] = [await open("alice"), await open("bob"), await open("sara")];
    const { message } = await alice.say(1, "rude");
    expect((await bob.refusal("message.delete", { room: 1, message: message.id })).code).toBe("ROOM_ACCESS_DENIED");
    await sara.do("message.delete", { room: 1, message: message.id });
    expect(await alice.event("message.deleted", (event) => event.message === message.id)).toMatchObject({
      by: { username: "sara" },
    });
  });
});

describe("reactions", () => {
  test("are counted, mine are told apart, and taking back undoes it", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "cake?");
    const on = { room: 1, message: message.id, emoji: "🎂" };
    await alice.do("reaction.add", on);
    await bob.do("reaction.add", on);
    await alice.event("reaction.added", (event) => event.message === message.id && event.user.username === "bob");
    expect((await latest(alice, message.id))?.reactions).toMatchObject([{ emoji: "🎂", count: 2, mine: true }]);
    await bob.do("reaction.remove", on);
    await alice.event("reaction.removed", (event) => event.message === message.id);
    expect((await latest(bob, message.id))?.reactions).toMatchObject([{ emoji: "🎂", count: 1, mine: false }]);
  });

  test("twice is once, and taking back what is not there is fine", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const { message } = await bob.say(1, "hm");
    const on = { room: 1, message: message.id, emoji: "👍" };
    const first = await alice.do("reaction.add", on);
    expect(await phone.do("reaction.add", on)).toEqual(first);
    const gone = await alice.do("reaction.remove", on);
    expect(await phone.do("reaction.remove", on)).toEqual(gone);
    await bob.event("reaction.removed", (event) => event.message === message.id);
    await bob.fence();
    const told = bob.events.filter((event) => "message" in event && event.message === message.id);
    expect(told.map(({ on: kind }) => kind)).toEqual(["reaction.added", "reaction.removed"]);
  });

  test("are one emoji each, and of so many kinds", async () => {
    const alice = await open("alice");
    const { message } = await alice.say(1, "everything");
    for (const emoji of ["ok", "", "👍👍", "<b>"]) {
      expect((await alice.refusal("reaction.add", { room: 1, message: message.id, emoji })).code).toBe(
        "COMMAND_INVALID",
      );
    }
    const faces = Array.from({ length: 21 }, (_, i) => String.fromCodePoint(0x1f600 + i));
    for (const emoji of faces.slice(0, 20)) await alice.do("reaction.add", { room: 1, message: message.id, emoji });
    const { code, message: why } = await alice.refusal("reaction.add", {
      room: 1,
      message: message.id,
      emoji: faces[20] ?? "",
    });
    expect([code, why]).toEqual(["LIMIT_EXCEEDED", expect.stringMatching(/at most 20/)]);
  });
});

describe("pins", () => {
  test("are for moderators; the newest is first, twice is once, taking out tells", async () => {
    const [alice, sara] = [await open("alice"), await open("sara")];
    const [one, two] = [(await alice.say(1, "one")).message.id, (await alice.say(1, "two")).message.id];
    expect((await alice.refusal("message.pin", { room: 1, message: one })).code).toBe("ROOM_ACCESS_DENIED");
    const first = await sara.do("message.pin", { room: 1, message: one });
    expect(await sara.do("message.pin", { room: 1, message: one })).toEqual(first);
    await sara.do("message.pin", { room: 1, message: two });
    const ids = async () => (await alice.do("pin.list", { room: 1 })).messages.map(({ id }) => id);
    expect(await ids()).toEqual([two, one]);
    expect((await latest(alice, one))?.pinned).toBe(true);
    await sara.do("message.unpin", { room: 1, message: one });
    await alice.event("message.unpinned", (event) => event.message === one);
    expect(await ids()).toEqual([two]);
    expect((await alice.refusal("message.unpin", { room: 1, message: two })).code).toBe("ROOM_ACCESS_DENIED");
    await alice.do("message.delete", { room: 1, message: two });
    expect(await ids()).toEqual([]);
  });
});

describe("what a message said before", () => {
  const versionsFor = async (client: ChatClient, id: string) =>
    await client.ask("message.history", { room: 1, message: id });

  test.each([
    ["nobody", { alice: false, sara: false }],
    ["staff", { alice: false, sara: true }],
    ["everybody", { alice: true, sara: true }],
  ] as const)("is for %s, by the setting", async (historyReaders, may) => {
    await chat.api("admin", "PATCH", "/api/settings", { historyReaders });
    const [alice, sara] = [await open("alice"), await open("sara")];
    const { message } = await alice.say(1, "first");
    await alice.do("message.edit", { room: 1, message: message.id, body: "second" });
    await alice.do("message.delete", { room: 1, message: message.id });
    for (const [client, allowed] of [
      [alice, may.alice],
      [sara, may.sara],
    ] as const) {
      const { ok, error } = await versionsFor(client, message.id);
      if (allowed) expect(ok?.versions.map(({ body }) => body)).toEqual(["first", "second"]);
      else expect(error?.code).toBe("FORBIDDEN");
    }
  });
});

describe("replies and mentions", () => {
  test("a reply carries what it answers, as that is now", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "who comes?");
    const { message: reply } = await bob.do("message.send", {
      room: 1,
      clientId: crypto.randomUUID(),
      body: "me",
      replyTo: message.id,
    });
    expect(reply.replyTo).toMatchObject({ id: message.id, seq: message.seq, excerpt: "who comes?" });
    await alice.do("message.delete", { room: 1, message: message.id });
    expect((await latest(bob, reply.id))?.replyTo).toMatchObject({ id: message.id, excerpt: "" });
    const nowhere = { room: 1, clientId: crypto.randomUUID(), body: "me", replyTo: "nothing" };
    expect((await bob.refusal("message.send", nowhere)).code).toBe("MESSAGE_NOT_FOUND");
  });

  test("mentions count for who is mentioned, until they are read, on every device", async () => {
    const [alice, bob, phone] = [await open("alice"), await open("bob"), await open("bob")];
    const state = async () => (await bob.do("room.list", {})).rooms.find(({ number }) => number === 1);
    await bob.do("room.read", { room: 1, seq: Number.MAX_SAFE_INTEGER });
    const { seq, message } = await alice.say(1, "@bob, and @nobody-at-all");
    expect(message.mentions).toHaveLength(1);
    expect(await state()).toMatchObject({ unread: 1, mentions: 1 });
    await bob.do("room.read", { room: 1, seq });
    await phone.event("room.read", (event) => event.seq === seq && event.mentions === 0 && event.unread === 0);
    expect(await state()).toMatchObject({ unread: 0, mentions: 0 });
  });

  test.each([
    ["staff", { alice: false, sara: true }],
    ["everybody", { alice: true, sara: true }],
  ] as const)("@all is for %s, by the setting; for others it is text", async (allMentioners, may) => {
    await chat.api("admin", "PATCH", "/api/settings", { allMentioners });
    const [alice, sara] = [await open("alice"), await open("sara")];
    expect((await alice.say(1, "hear, @all")).message.mentionsAll).toBe(may.alice);
    expect((await sara.say(1, "hear, @all")).message.mentionsAll).toBe(may.sara);
  });

  test("messages are in the log in the order in which they were sent, whether they say @all or not", async () => {
    const alice = await open("alice");
    const bodies = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? `@all ${i}` : `${i}`));
    const ids = bodies.map((body) => alice.begin("message.send", { room: 1, clientId: crypto.randomUUID(), body }));
    const replies = await Promise.all(ids.map((id) => alice.reply<"message.send">(id)));
    const seqs = replies.map(({ ok }) => ok?.seq ?? 0);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });
});

test("in an archived room nothing changes any more, but what must not stand there can go", async () => {
  const [alice, admin] = [await open("alice"), await open("admin")];
  const { body } = await chat.api("admin", "POST", "/api/rooms", { title: "Once upon a time" });
  const { number: room } = (body as { room: { number: number } }).room;
  await alice.join(room);
  const { message } = await alice.say(room, "long ago");
  const on = { room, message: message.id };
  await alice.do("reaction.add", { ...on, emoji: "🎉" });
  await chat.changeRoom(room, { archived: true });
  const codes = await Promise.all([
    alice.refusal("message.edit", { ...on, body: "now" }),
    alice.refusal("message.delete", on),
    alice.refusal("reaction.add", { ...on, emoji: "👍" }),
    alice.refusal("reaction.remove", { ...on, emoji: "🎉" }),
    admin.refusal("message.pin", on),
    alice.refusal("typing.start", { room }),
    alice.refusal("member.add", { room }),
  ]);
  expect(new Set(codes.map(({ code }) => code))).toEqual(new Set(["ROOM_ARCHIVED"]));
  await admin.do("message.delete", on);
});

test("the classic page hears messages as ever, and nothing of what becomes of them", async () => {
  const { cookie } = await chat.session("bob");
  const classic = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  opened.push(classic);
  classic.send({ command: "join", room: 1 });
  await classic.gets(1);
  const [alice, sara] = [await open("alice"), await open("sara")];
  const { message } = await alice.say(1, "one");
  await alice.do("message.edit", { room: 1, message: message.id, body: "two" });
  await alice.do("reaction.add", { room: 1, message: message.id, emoji: "👍" });
  await sara.do("message.pin", { room: 1, message: message.id });
  await alice.do("typing.start", { room: 1 });
  await alice.do("message.delete", { room: 1, message: message.id });
  await alice.say(1, "three");
  const messages = (await classic.gets(2)).filter((got) => (got as { msg_type?: number }).msg_type === 0);
  expect(messages).toMatchObject([{ message: "one" }, { message: "three" }]);
  expect(classic.isOpen).toBe(true);
});
