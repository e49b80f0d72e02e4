import type { Room } from "@multichat/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";

const PEOPLE = [
  { username: "admin", staff: true, superuser: true },
  { username: "sara", staff: true },
  ...["alice", "bob", "carol", "dave", "erin", "gone"].map((username) => ({ username })),
];

let chat: TestChat;
const opened: { close(): void }[] = [];
beforeAll(async () => {
  chat = await TestChat.start({ people: PEOPLE, env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
});
afterAll(() => chat.close());
beforeEach(async () => {
  await chat.api("admin", "PATCH", "/api/settings", { roomCreators: "everybody" });
});
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  opened.push(client);
  return client;
}

async function make(owner: ChatClient, what: { private?: boolean } = {}): Promise<Room> {
  return (await owner.do("room.create", { clientId: crypto.randomUUID(), title: "Allotment", ...what })).room;
}

const lists = async (client: ChatClient, room: string): Promise<boolean> =>
  (await client.do("room.list", {})).rooms.some(({ id }) => id === room);

const entryOf = async (client: ChatClient, room: string) =>
  (await client.do("room.list", {})).rooms.find(({ id }) => id === room);

/** Makes a change and waits until its effect arrives. */
async function awaitEffect(change: () => Promise<unknown>, effect: () => Promise<unknown>): Promise<void> {
  await change();
  await effect();
}

/** The room says something, and this client does not hear it. */
async function expectDeaf(client: ChatClient, room: string, insider: ChatClient): Promise<void> {
  await insider.join(room);
  const { message } = await insider.say(room, "who hears this?");
  await insider.event("message.posted", (event) => event.message.id === message.id);
  await client.fence();
  expect(JSON.stringify(client.received)).not.toContain(message.id);
}

test("a change of members that arrives a second time takes effect no second time", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  const { id: room } = await make(alice, { private: true });
  const add = { room, user: "bob", clientId: crypto.randomUUID() };
  const added = await alice.do("member.add", add);
  const mute = { room, user: "bob", muteSeconds: 60, clientId: crypto.randomUUID() };
  const muted = await alice.do("member.change", mute);
  await alice.do("member.change", { room, user: "bob", muteSeconds: 0 });
  expect(await alice.do("member.change", mute)).toEqual(muted);
  expect((await entryOf(bob, room))?.mutedUntil).toBeNull();
  const leave = { room, clientId: crypto.randomUUID() };
  const left = await bob.do("member.remove", leave);
  expect(await alice.do("member.add", add), "bob is not brought back").toEqual(added);
  expect(await lists(bob, room)).toBe(false);
  expect(await bob.do("member.remove", leave), "who has left does not see the room, and is answered").toEqual(left);
  expect((await bob.refusal("member.remove", { room, clientId: crypto.randomUUID() })).code).toBe("ROOM_INVALID");
});

describe("making a room", () => {
  test("its maker owns it; the same clientId again is the same room, told once", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const wanted = { clientId: crypto.randomUUID(), title: "Allotment", topic: "Beans" };
    const { room } = await alice.do("room.create", wanted);
    expect(room).toMatchObject({ title: "Allotment", topic: "Beans", kind: "open", slowModeSeconds: 0 });
    expect((await phone.do("room.create", wanted)).room.id).toBe(room.id);
    expect(await entryOf(alice, room.id)).toMatchObject({ role: "owner" });
    await bob.event("room.listed", (event) => event.room === room.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "room.listed")).toHaveLength(1);
    const byBob = await bob.do("room.create", wanted);
    expect(byBob.room.id, "another person's clientId is another name").not.toBe(room.id);
  });

  test("a private one is told to nobody but its maker", async () => {
    const [alice, phone, bob, sara] = [await open("alice"), await open("alice"), await open("bob"), await open("sara")];
    const room = await make(alice, { private: true });
    await phone.event("room.listed", (event) => event.room === room.id);
    for (const stranger of [bob, sara]) {
      await stranger.fence();
      expect(JSON.stringify(stranger.received)).not.toContain(room.id);
      expect(await lists(stranger, room.id)).toBe(false);
    }
  });

  test("an ordinary user makes no staff-only one, and none at all where the setting says so", async () => {
    const alice = await open("alice");
    const wanted = { clientId: crypto.randomUUID(), title: "Mine" };
    expect((await alice.refusal("room.create", { ...wanted, staffOnly: true })).code).toBe("FORBIDDEN");
    await chat.api("admin", "PATCH", "/api/settings", { roomCreators: "staff" });
    expect((await alice.refusal("room.create", wanted)).code).toBe("FORBIDDEN");
  });
});

describe("a private room", () => {
  test("who is invited has it at once; who is removed loses it, and hears no reason", async () => {
    const [alice, bob, phone, carol] = [await open("alice"), await open("bob"), await open("bob"), await open("carol")];
    const room = await make(alice, { private: true });
    await alice.join(room.id);
    const { seq } = await alice.do("member.add", { room: room.id, user: "bob" });
    const listed = await phone.event("room.listed", (event) => event.room === room.id);
    expect(listed.membership).toEqual({ role: "member", mutedUntil: null });
    expect(await alice.event("member.joined", (event) => event.seq === seq)).toMatchObject({
      user: { username: "bob" },
      by: { username: "alice" },
      role: "member",
    });
    await bob.join(room.id);
    await bob.say(room.id, "thank you");

    await awaitEffect(
      () => alice.do("member.remove", { room: room.id, user: "bob" }),
      () => Promise.all([bob, phone].map((client) => client.event("room.unlisted", ({ room: id }) => id === room.id))),
    );
    await expectDeaf(bob, room.id, alice);
    expect(bob.events.some(({ on }) => on === "member.removed")).toBe(false);
    expect((await bob.refusal("room.join", { room: room.id })).code).toBe("ROOM_INVALID");
    expect((await bob.refusal("message.send", { room: room.id, clientId: "a", body: "hey" })).code).toBe(
      "ROOM_INVALID",
    );
    expect(await lists(bob, room.id)).toBe(false);
    const { epoch } = await bob.do("room.list", {});
    expect((await bob.do("resume", { epoch, rooms: { [room.id]: 1 } })).rooms).toEqual({ [room.id]: { gone: true } });
    await carol.fence();
    expect(JSON.stringify(carol.received)).not.toContain(room.id);
  });

  test("becoming one shuts out who is no member, also those who sat in it; opening lets them in again", async () => {
    const [alice, bob, carol, sara] = [await open("alice"), await open("bob"), await open("carol"), await open("sara")];
    const room = await make(alice);
    await alice.do("member.add", { room: room.id, user: "carol" });
    for (const client of [bob, carol, sara]) await client.join(room.id);
    const close = () => chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { kind: "private" });
    await awaitEffect(close, () =>
      Promise.all([bob, sara].map((client) => client.event("room.unlisted", (event) => event.room === room.id))),
    );
    await expectDeaf(bob, room.id, alice);
    await expectDeaf(sara, room.id, alice);
    await carol.event("message.posted", (event) => event.room === room.id);
    expect(bob.events.some((event) => event.on === "room.changed")).toBe(false);
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Behind the hedge" });
    await bob.fence();
    expect(JSON.stringify(bob.received)).not.toContain("hedge");
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { kind: "open" });
    await bob.event("room.listed", (event) => event.entry.title === "Behind the hedge");
    await bob.join(room.id);
  });

  test("staff who close a room that they were no member of are still in it", async () => {
    const [sara, alice] = [await open("sara"), await open("alice")];
    const { body } = await chat.api("sara", "PATCH", "/api/rooms/1", { kind: "private" });
    const { id } = (body as { room: Room }).room;
    expect(await entryOf(sara, id)).toMatchObject({ role: "owner", kind: "private" });
    expect(await lists(alice, id)).toBe(false);
  });

  test("who is removed hears nothing that was said afterwards, however much they were doing at that moment", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await make(alice, { private: true });
    await alice.do("member.add", { room: room.id, user: "bob" });
    await alice.join(room.id);
    await bob.join(room.id);
    // Events of a connection wait while it answers: these answers take a while each.
    const busy = Array.from({ length: 1_500 }, () => bob.begin("history.page", { room: room.id }));
    await bob.reply(busy[0] ?? 0);
    await alice.do("member.remove", { room: room.id, user: "bob" });
    const said = await Promise.all(
      Array.from({ length: 10 }, (_, i) => alice.say(room.id, `now that bob is gone ${i}`)),
    );
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await bob.fence();
    const heard = bob.events.flatMap((event) => (event.on === "message.posted" ? [event.message.id] : []));
    expect(said.map(({ message }) => message.id).filter((id) => heard.includes(id))).toEqual([]);
    expect(bob.events.some(({ on }) => on === "member.removed")).toBe(false);
  });

  test("leaving it is for good until somebody invites again", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await make(alice, { private: true });
    await alice.do("member.add", { room: room.id, user: "bob" });
    await alice.join(room.id);
    await bob.join(room.id);
    await bob.do("member.remove", { room: room.id });
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await alice.event("member.left", ({ user }) => user.username === "bob");
    expect((await bob.refusal("member.add", { room: room.id })).code).toBe("ROOM_INVALID");
  });
});

describe("what members may do", () => {
  const ROLES = ["owner", "moderator", "member", "guest", "staff"] as const;
  type Who = (typeof ROLES)[number];

  /** An open room with one of each. */
  async function cast(): Promise<{ room: Room; who: Record<Who, ChatClient> }> {
    const who = {
      owner: await open("alice"),
      moderator: await open("bob"),
      member: await open("carol"),
      guest: await open("dave"),
      staff: await open("sara"),
    };
    const room = await make(who.owner);
    await who.owner.do("member.add", { room: room.id, user: "bob", role: "moderator" });
    await who.member.do("member.add", { room: room.id });
    await who.owner.do("member.add", { room: room.id, user: "erin" });
    return { room, who };
  }

  const MODERATORS: readonly Who[] = ["owner", "moderator", "staff"];

  test.each<[string, (client: ChatClient, room: string) => Promise<{ error?: unknown }>, readonly Who[]]>([
    ["read, list members, search", (client, room) => client.ask("member.list", { room }), ROLES],
    ["write", (client, room) => client.ask("message.send", { room, clientId: crypto.randomUUID(), body: "hi" }), ROLES],
    ["list who is banned", (client, room) => client.ask("member.bans", { room }), MODERATORS],
    ["invite", (client, room) => client.ask("member.add", { room, user: "admin" }), MODERATORS],
    [
      "make a moderator",
      (client, room) => client.ask("member.change", { room, user: "erin", role: "moderator" }),
      MODERATORS,
    ],
    ["make an owner", (client, room) => client.ask("member.change", { room, user: "erin", role: "owner" }), ["owner"]],
    ["mute", (client, room) => client.ask("member.change", { room, user: "erin", muteSeconds: 1 }), MODERATORS],
    [
      "mute the owner",
      (client, room) => client.ask("member.change", { room, user: "alice", muteSeconds: 1 }),
      ["owner"],
    ],
    ["mute staff", (client, room) => client.ask("member.change", { room, user: "sara", muteSeconds: 1 }), ["staff"]],
    ["ban the owner", (client, room) => client.ask("member.remove", { room, user: "alice", ban: true }), []],
  ])("%s", async (_, ask, may) => {
    const { room, who } = await cast();
    const allowed: Who[] = [];
    for (const name of ROLES) {
      await who[name].join(room.id);
      const { error } = await ask(who[name], room.id);
      if (error === undefined) allowed.push(name);
      else expect(error).toMatchObject({ code: "ROOM_ACCESS_DENIED" });
    }
    expect(allowed).toEqual(ROLES.filter((name) => may.includes(name)));
  });

  test.each([
    ["rename", { title: "Another" }, MODERATORS],
    ["set slow mode", { slowModeSeconds: 5 }, MODERATORS],
    ["archive", { archived: true }, MODERATORS],
    ["close to others", { kind: "open" }, ["owner", "staff"]],
    ["make it staff-only", { staffOnly: false }, ["staff"]],
  ] as const)("%s", async (_, changes, may) => {
    const { room } = await cast();
    const names = { owner: "alice", moderator: "bob", member: "carol", guest: "dave", staff: "sara" };
    const allowed: Who[] = [];
    for (const name of ROLES) {
      const { status } = await chat.api(names[name], "PATCH", `/api/rooms/${room.id}`, changes);
      if (status === 200) allowed.push(name);
      else expect(status).toBe(403);
    }
    expect(allowed).toEqual(ROLES.filter((name) => (may as readonly Who[]).includes(name)));
  });

  test("a superuser is as an owner, where they may enter", async () => {
    const { room } = await cast();
    const admin = await open("admin");
    await admin.do("member.change", { room: room.id, user: "carol", role: "owner" });
    await admin.do("member.remove", { room: room.id, user: "alice" });
  });
});

describe("somebody who is banned", () => {
  test("has no such room any more, comes back by no way, and is let in again when it is lifted", async () => {
    const [alice, bob, carol] = [await open("alice"), await open("bob"), await open("carol")];
    const room = await make(alice);
    await alice.join(room.id);
    await bob.join(room.id);
    await awaitEffect(
      () => alice.do("member.remove", { room: room.id, user: "bob", ban: true }),
      () => bob.event("room.unlisted", (event) => event.room === room.id),
    );
    await alice.event("member.removed", (event) => event.user.username === "bob" && event.banned);
    await expectDeaf(bob, room.id, alice);
    for (const address of [room.id, room.number]) {
      expect((await bob.refusal("room.join", { room: address })).code).toBe("ROOM_INVALID");
      expect((await bob.refusal("member.add", { room: address })).code).toBe("ROOM_INVALID");
    }
    expect(await lists(bob, room.id)).toBe(false);
    expect((await alice.refusal("member.add", { room: room.id, user: "bob" })).code).toBe("MEMBER_BANNED");
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Changed meanwhile" });
    await carol.event("room.listed", (event) => event.entry.title === "Changed meanwhile");
    await bob.fence();
    expect(JSON.stringify(bob.received)).not.toContain("Changed meanwhile");

    await alice.do("member.remove", { room: room.id, user: "bob", ban: false });
    await bob.event("room.listed", (event) => event.room === room.id && event.entry.title === "Changed meanwhile");
    await bob.join(room.id);
  });

  test("is listed with who did it, and since when, until it is lifted", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await make(alice);
    await alice.do("member.add", { room: room.id, user: "bob", role: "moderator" });
    const before = Date.now();
    await alice.do("member.remove", { room: room.id, user: "carol", ban: true });
    await bob.do("member.remove", { room: room.id, user: "dave", ban: true });
    await bob.do("member.remove", { room: room.id, user: "erin" });
    const { banned, count } = await bob.do("member.bans", { room: room.number });
    expect(banned.map(({ user, by }) => [user.username, by?.username])).toEqual([
      ["dave", "bob"],
      ["carol", "alice"],
    ]);
    expect(count).toBe(2);
    for (const { at } of banned) expect(at).toBeGreaterThanOrEqual(before);
    const { body } = await chat.api("bob", "GET", `/api/rooms/${room.number}/bans`);
    expect(body, "one answer, by both doors").toEqual({ banned, count });
    await bob.do("member.remove", { room: room.id, user: "carol", ban: false });
    expect(await bob.do("member.bans", { room: room.id })).toEqual({ banned: banned.slice(0, 1), count: 1 });
  });

  test("is listed to a moderator no more who is made a plain member, or is banned", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await make(alice);
    await alice.do("member.add", { room: room.id, user: "bob", role: "moderator" });
    await bob.do("member.bans", { room: room.id });
    await alice.do("member.change", { room: room.id, user: "bob", role: "member" });
    expect((await bob.refusal("member.bans", { room: room.id })).code).toBe("ROOM_ACCESS_DENIED");
    await alice.do("member.remove", { room: room.id, user: "bob", ban: true });
    expect((await bob.refusal("member.bans", { room: room.id })).code).toBe("ROOM_INVALID");
  });

  test("is staff neither by a moderator's hand", async () => {
    const alice = await open("alice");
    const room = await make(alice);
    expect((await alice.refusal("member.remove", { room: room.id, user: "sara", ban: true })).code).toBe(
      "ROOM_ACCESS_DENIED",
    );
  });

  test("hears nothing of the room's end", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await make(alice);
    await alice.do("member.remove", { room: room.id, user: "bob", ban: true });
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await chat.api("alice", "DELETE", `/api/rooms/${room.id}`);
    await alice.event("room.unlisted", (event) => event.room === room.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "room.unlisted")).toHaveLength(1);
  });
});

describe("somebody who is muted", () => {
  test("reads and does not write, until it is over; a guest becomes a member by it", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await make(alice);
    await alice.join(room.id);
    await bob.join(room.id);
    const { message } = await bob.say(room.id, "loud");
    await alice.do("member.change", { room: room.id, user: "bob", muteSeconds: 600 });
    const listed = await bob.event("room.listed", (event) => (event.membership?.mutedUntil ?? 0) > Date.now());
    expect(listed.membership?.role).toBe("member");
    const on = { room: room.id, message: message.id };
    for (const refusal of [
      await bob.refusal("message.send", { room: room.id, clientId: "a", body: "louder" }),
      await bob.refusal("message.edit", { ...on, body: "louder" }),
      await bob.refusal("reaction.add", { ...on, emoji: "👍" }),
      await bob.refusal("typing.start", { room: room.id }),
    ]) {
      expect(refusal.code).toBe("MEMBER_MUTED");
      expect(refusal.retryAfter).toBeGreaterThan(500);
    }
    expect((await bob.refusal("member.remove", { room: room.id })).code, "and does not slip out of it").toBe(
      "MEMBER_MUTED",
    );
    await bob.do("message.delete", on);
    await alice.say(room.id, "quiet");
    await bob.event("message.posted", (event) => event.message.body === "quiet");
    expect(await entryOf(bob, room.id)).toMatchObject({ mutedUntil: listed.membership?.mutedUntil });
    await alice.do("member.change", { room: room.id, user: "bob", muteSeconds: 0 });
    await bob.say(room.id, "sorry");
  });

  test("the same mute after a lost reply is one mute", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await make(alice);
    await alice.join(room.id);
    await bob.do("member.add", { room: room.id });
    const mute = { room: room.id, user: "bob", muteSeconds: 600 };
    const first = await alice.do("member.change", mute);
    expect(await alice.do("member.change", mute)).toEqual(first);
    await alice.fence();
    expect(alice.events.filter((event) => event.on === "member.changed")).toHaveLength(1);
  });
});

test("everything about members is done once, however often it is said", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  const room = await make(alice);
  await alice.join(room.id);
  const twice = async <T>(ask: () => Promise<T>): Promise<void> => {
    const first = await ask();
    expect(await ask()).toEqual(first);
  };
  await twice(() => bob.do("member.add", { room: room.id }));
  await twice(() => alice.do("member.change", { room: room.id, user: "bob", role: "moderator" }));
  await twice(() => bob.do("member.remove", { room: room.id }));
  await twice(() => alice.do("member.remove", { room: room.id, user: "bob", ban: true }));
  await twice(() => alice.do("member.remove", { room: room.id, user: "bob", ban: false }));
  await alice.fence();
  const told = alice.events.filter(({ on }) => on.startsWith("member."));
  expect(told.map(({ on }) => on)).toEqual([
    "member.joined",
    "member.changed",
    "member.left",
    "member.removed",
    "member.removed",
  ]);
});

test("a room keeps an owner while anybody else is in it", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  const room = await make(alice);
  await bob.do("member.add", { room: room.id });
  expect((await alice.refusal("member.remove", { room: room.id })).code).toBe("LAST_OWNER");
  expect((await alice.refusal("member.change", { room: room.id, user: "alice", role: "member" })).code).toBe(
    "LAST_OWNER",
  );
  await alice.do("member.change", { room: room.id, user: "bob", role: "owner" });
  await alice.do("member.remove", { room: room.id });
});

test("members are listed by role, then name, for everybody who sees the room", async () => {
  const [alice, dave] = [await open("alice"), await open("dave")];
  const room = await make(alice);
  await alice.do("member.add", { room: room.id, user: "carol" });
  await alice.do("member.add", { room: room.id, user: "bob" });
  await alice.do("member.add", { room: room.id, user: "sara", role: "moderator" });
  const { members, count } = await dave.do("member.list", { room: room.id });
  expect(members.map(({ user, role }) => [user.username, role])).toEqual([
    ["alice", "owner"],
    ["sara", "moderator"],
    ["bob", "member"],
    ["carol", "member"],
  ]);
  expect(count).toBe(4);
});

test("people who do not exist, and those without an account any more, are brought nowhere", async () => {
  const alice = await open("alice");
  const room = await make(alice);
  await chat.changePerson("gone", { active: false });
  for (const user of ["nobody-at-all", "gone"]) {
    expect((await alice.refusal("member.add", { room: room.id, user })).code).toBe("PERSON_NOT_FOUND");
    expect((await alice.refusal("direct.open", { user })).code).toBe("PERSON_NOT_FOUND");
  }
  expect((await alice.refusal("direct.open", { user: "alice" })).code).toBe("PERSON_NOT_FOUND");
});

describe("slow mode", () => {
  test("makes everybody wait but moderators; what was said before is answered as before", async () => {
    const [alice, bob, sara] = [await open("alice"), await open("bob"), await open("sara")];
    const room = await make(alice);
    for (const client of [alice, bob, sara]) await client.join(room.id);
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { slowModeSeconds: 3600 });
    await bob.event("room.changed", ({ changes }) => changes.slowModeSeconds === 3600);
    const said = { room: room.id, clientId: crypto.randomUUID(), body: "one" };
    const first = await bob.do("message.send", said);
    const { code, retryAfter } = await bob.refusal("message.send", { ...said, clientId: crypto.randomUUID() });
    expect(code).toBe("SLOW_MODE");
    expect(retryAfter).toBeGreaterThan(3_000);
    expect(await bob.do("message.send", said)).toEqual(first);
    for (const client of [alice, sara]) {
      await client.say(room.id, "one");
      await client.say(room.id, "two");
    }
  });
});

describe("a direct conversation", () => {
  test("is one room for two people, made once, and there for both at once", async () => {
    const [alice, bob, phone] = [await open("alice"), await open("bob"), await open("bob")];
    const { room } = await alice.do("direct.open", { user: "bob" });
    expect(room).toMatchObject({ kind: "direct", title: "" });
    expect(room.people.map(({ username }) => username).sort()).toEqual(["alice", "bob"]);
    expect((await bob.do("direct.open", { user: "alice" })).room.id).toBe(room.id);
    await phone.event("room.listed", (event) => event.room === room.id);
    await bob.join(room.id);
    await alice.join(room.id);
    await alice.say(room.id, "hello");
    await bob.event("message.posted", (event) => event.room === room.id);
    expect(bob.events.filter((event) => event.on === "room.listed" && event.room === room.id)).toHaveLength(1);
  });

  test("is nobody's to change, leave or widen, and both may pin", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { room } = await alice.do("direct.open", { user: "bob" });
    const refusals = [
      await alice.refusal("member.add", { room: room.id, user: "carol" }),
      await alice.refusal("member.remove", { room: room.id, user: "bob", ban: true }),
      await alice.refusal("member.remove", { room: room.id }),
      await alice.refusal("member.change", { room: room.id, user: "bob", muteSeconds: 60 }),
      await alice.refusal("member.bans", { room: room.id }),
    ];
    expect(refusals.map(({ code }) => code)).toEqual(Array(5).fill("ROOM_ACCESS_DENIED"));
    expect((await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Us" })).status).toBe(403);
    expect((await chat.api("alice", "DELETE", `/api/rooms/${room.id}`)).status).toBe(403);
    await bob.join(room.id);
    const { message } = await bob.say(room.id, "keep this");
    await alice.do("message.pin", { room: room.id, message: message.id });
    expect((await alice.refusal("message.delete", { room: room.id, message: message.id })).code).toBe(
      "ROOM_ACCESS_DENIED",
    );
  });
});
