import { describe, expect, test } from "vitest";
import type { ChatClient } from "../../support/chat-client.ts";
import { ClassicClient } from "../../support/classic-client.ts";
import { findMessage, useMessageFixture } from "./message-fixture.ts";

const fixture = useMessageFixture();
const { open } = fixture;

test("a retry of a committed command succeeds for an author who can no longer write", async () => {
  const [admin, alice] = [await open("admin"), await open("alice")];
  const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title: "Closing soon" });
  await alice.do("room.join", { room: room.id });
  const send = { room: room.id, clientId: crypto.randomUUID(), body: "just in time" };
  const first = await alice.do("message.send", send);
  const address = { room: room.id, message: first.message.id };
  const edited = await alice.do("message.edit", { ...address, body: "in time" });
  const reacted = await alice.do("reaction.add", { ...address, emoji: "👍" });
  await admin.do("member.add", { room: room.id, user: "alice" });
  await admin.do("member.change", { room: room.id, user: "alice", muteSeconds: 600 });
  expect((await alice.do("message.send", send)).seq).toBe(first.seq);
  expect((await alice.do("message.edit", { ...address, body: "in time" })).seq).toBe(edited.seq);
  expect(await alice.do("reaction.add", { ...address, emoji: "👍" })).toEqual(reacted);
  for (const refusal of [
    await alice.refusal("message.send", { ...send, clientId: crypto.randomUUID() }),
    await alice.refusal("message.edit", { ...address, body: "too late" }),
    await alice.refusal("reaction.add", { ...address, emoji: "🎉" }),
  ]) {
    expect(refusal.code).toBe("MEMBER_MUTED");
  }
  await fixture.chat.changeRoom(room.number, { archived: true });
  expect((await alice.do("message.send", send)).seq).toBe(first.seq);
});

test("a retried change has no second effect, even after later changes", async () => {
  const [alice, phone] = [await open("alice"), await open("alice")];
  const { message } = await alice.say(1, "one");
  const address = { room: 1, message: message.id };
  const edit = { ...address, clientId: crypto.randomUUID(), body: "two" };
  const add = { ...address, clientId: crypto.randomUUID(), emoji: "👍" };
  const first = [await alice.do("message.edit", edit), await alice.do("reaction.add", add)];
  await alice.do("message.edit", { ...address, clientId: crypto.randomUUID(), body: "three" });
  await alice.do("reaction.remove", { ...address, clientId: crypto.randomUUID(), emoji: "👍" });
  const { seq: end } = await phone.say(1, "fence");
  const retried = [await phone.do("message.edit", edit), await phone.do("reaction.add", add)];
  expect(
    retried.map(({ seq }) => seq),
    "answered like the first attempt",
  ).toEqual(first.map(({ seq }) => seq));
  expect(await findMessage(alice, message.id)).toMatchObject({ body: "three", reactions: [] });
  expect((await alice.say(1, "no event in between")).seq).toBe(end + 1);
  // The same clientId of another user is another change.
  const bob = await open("bob");
  await bob.do("reaction.add", add);
  expect((await findMessage(alice, message.id))?.reactions).toMatchObject([{ emoji: "👍", count: 1 }]);
});

test("retried pins and deletions have no second effect; commands without a clientId are independent", async () => {
  const [sara, alice] = [await open("sara"), await open("alice")];
  const { message } = await alice.say(1, "pin me");
  const address = { room: 1, message: message.id };
  const pin = { ...address, clientId: crypto.randomUUID() };
  const { seq } = await sara.do("message.pin", pin);
  await sara.do("message.unpin", address);
  expect((await sara.do("message.pin", pin)).seq).toBe(seq);
  expect((await findMessage(sara, message.id))?.pinned).toBe(false);
  await sara.do("message.pin", address);
  expect((await findMessage(sara, message.id))?.pinned).toBe(true);
  await sara.do("message.unpin", address);
  const remove = { ...address, clientId: crypto.randomUUID() };
  expect(await alice.do("message.delete", remove)).toEqual(await alice.do("message.delete", remove));
});

describe("mentions", () => {
  test.each([
    ["请@bob看一下", ["bob"]],
    ["＠BOB", ["bob"]],
    ["_@bob_ and @alice", ["alice", "bob"]],
    ["`@bob`", []],
    ["```\n@bob\n```", []],
    ["\\@bob", []],
    ["https://a.org/@bob", []],
    ["@nobody", []],
  ])("of %j are named to everyone alike", async (body, names) => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, body);
    expect([...message.mentionNames].sort()).toEqual(names);
    expect(message.mentions).toHaveLength(names.includes("bob") ? 1 : 0);
    const received = await bob.event("message.posted", (event) => event.message.id === message.id);
    expect(received.message.mentionNames).toEqual(message.mentionNames);
    expect(await findMessage(bob, message.id)).toEqual(message);
  });

  test("change with an edit", async () => {
    const alice = await open("alice");
    const { message } = await alice.say(1, "`@bob`");
    const { message: edited } = await alice.do("message.edit", { room: 1, message: message.id, body: "~~@bob~~" });
    expect(edited.mentionNames).toEqual(["bob"]);
  });

  test("of everyone count where the author is allowed to, outside code, in any script", async () => {
    const [admin, alice] = [await open("admin"), await open("alice")];
    for (const body of ["@all", "你好＠all们", "@ａｌｌ"]) {
      expect((await admin.say(1, body)).message.mentionsAll, body).toBe(true);
      expect((await alice.say(1, body)).message.mentionsAll, body).toBe(false);
    }
    for (const body of ["`@all`", "\\@all", "https://a.org/@all", "@allen"]) {
      expect((await admin.say(1, body)).message.mentionsAll, body).toBe(false);
    }
  });
});

describe("versions of a message", () => {
  const askVersions = async (client: ChatClient, id: string) =>
    await client.ask("message.history", { room: 1, message: id });

  test.each([
    ["nobody", { alice: false, sara: false }],
    ["staff", { alice: false, sara: true }],
    ["everybody", { alice: true, sara: true }],
  ] as const)("are readable for %s, by the setting", async (historyReaders, expected) => {
    await fixture.chat.api("admin", "PATCH", "/api/settings", { historyReaders });
    const [alice, sara] = [await open("alice"), await open("sara")];
    const { message } = await alice.say(1, "first");
    await alice.do("message.edit", { room: 1, message: message.id, body: "second" });
    await alice.do("message.delete", { room: 1, message: message.id });
    for (const [client, allowed] of [
      [alice, expected.alice],
      [sara, expected.sara],
    ] as const) {
      const { ok, error } = await askVersions(client, message.id);
      if (allowed) expect(ok?.versions.map(({ body }) => body)).toEqual(["first", "second"]);
      else expect(error?.code).toBe("FORBIDDEN");
    }
  });
});

describe("replies and mentions", () => {
  test("a reply carries the current excerpt of the message that it answers", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "anyone coming?");
    const { message: reply } = await bob.do("message.send", {
      room: 1,
      clientId: crypto.randomUUID(),
      body: "me",
      replyTo: message.id,
    });
    expect(reply.replyTo).toMatchObject({ id: message.id, seq: message.seq, excerpt: "anyone coming?" });
    await alice.do("message.delete", { room: 1, message: message.id });
    expect((await findMessage(bob, reply.id))?.replyTo).toMatchObject({ id: message.id, excerpt: "" });
    const nowhere = { room: 1, clientId: crypto.randomUUID(), body: "me", replyTo: "nothing" };
    expect((await bob.refusal("message.send", nowhere)).code).toBe("MESSAGE_NOT_FOUND");
  });

  test("mentions count for the mentioned user until they are read on any device", async () => {
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
  ] as const)(
    "@all mentions everyone when sent by %s, by the setting, and is text otherwise",
    async (allMentioners, expected) => {
      await fixture.chat.api("admin", "PATCH", "/api/settings", { allMentioners });
      const [alice, sara] = [await open("alice"), await open("sara")];
      expect((await alice.say(1, "hear, @all")).message.mentionsAll).toBe(expected.alice);
      expect((await sara.say(1, "hear, @all")).message.mentionsAll).toBe(expected.sara);
    },
  );

  test("messages keep the order in which they were sent, with or without @all", async () => {
    const alice = await open("alice");
    const bodies = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? `@all ${i}` : `${i}`));
    const ids = bodies.map((body) => alice.begin("message.send", { room: 1, clientId: crypto.randomUUID(), body }));
    const replies = await Promise.all(ids.map((id) => alice.reply<"message.send">(id)));
    const seqs = replies.map(({ ok }) => ok?.seq ?? 0);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });
});

test("an archived room is read-only, except that moderators can delete messages", async () => {
  const [alice, admin] = [await open("alice"), await open("admin")];
  const { body } = await fixture.chat.api("admin", "POST", "/api/rooms", { title: "Once upon a time" });
  const { number: room } = (body as { room: { number: number } }).room;
  await alice.join(room);
  const { message } = await alice.say(room, "long ago");
  const address = { room, message: message.id };
  await alice.do("reaction.add", { ...address, emoji: "🎉" });
  await fixture.chat.changeRoom(room, { archived: true });
  const codes = await Promise.all([
    alice.refusal("message.edit", { ...address, body: "now" }),
    alice.refusal("message.delete", address),
    alice.refusal("reaction.add", { ...address, emoji: "👍" }),
    alice.refusal("reaction.remove", { ...address, emoji: "🎉" }),
    admin.refusal("message.pin", address),
    alice.refusal("typing.start", { room }),
    alice.refusal("member.add", { room }),
  ]);
  expect(new Set(codes.map(({ code }) => code))).toEqual(new Set(["ROOM_ARCHIVED"]));
  await admin.do("message.delete", address);
});

test("the classic client receives messages, and nothing about their changes", async () => {
  const { cookie } = await fixture.chat.session("bob");
  const classic = await new ClassicClient(`${fixture.chat.socketUrl}/chat/stream/`, { cookie }).settled();
  fixture.add(classic);
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
