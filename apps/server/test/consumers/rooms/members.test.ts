import type { Room } from "@multichat/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

const PEOPLE = [
  { username: "admin", staff: true, superuser: true },
  { username: "sara", staff: true },
  ...["alice", "bob", "carol", "dave", "erin", "gone"].map((username) => ({ username })),
];

let chat: TestChat;
const openClients: { close(): void }[] = [];
beforeAll(async () => {
  chat = await TestChat.start({ people: PEOPLE, env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
});
afterAll(() => chat.close());
beforeEach(async () => {
  await chat.api("admin", "PATCH", "/api/settings", { roomCreators: "everybody" });
});
afterEach(() => {
  for (const client of openClients.splice(0)) client.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  openClients.push(client);
  return client;
}

async function createRoom(owner: ChatClient, options: { private?: boolean } = {}): Promise<Room> {
  return (await owner.do("room.create", { clientId: crypto.randomUUID(), title: "Allotment", ...options })).room;
}

const isListed = async (client: ChatClient, room: string): Promise<boolean> =>
  (await client.do("room.list", {})).rooms.some(({ id }) => id === room);

const findEntry = async (client: ChatClient, room: string) =>
  (await client.do("room.list", {})).rooms.find(({ id }) => id === room);

/** Makes a change and waits until its effect arrives. */
async function awaitEffect(change: () => Promise<unknown>, effect: () => Promise<unknown>): Promise<void> {
  await change();
  await effect();
}

/** Posts a message to the room, and expects that the client does not receive it. */
async function expectNotReceived(client: ChatClient, room: string, insider: ChatClient): Promise<void> {
  await insider.join(room);
  const { message } = await insider.say(room, "not for everyone");
  await insider.event("message.posted", (event) => event.message.id === message.id);
  await client.fence();
  expect(JSON.stringify(client.received)).not.toContain(message.id);
}

test("a retried member change has no second effect", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  const { id: room } = await createRoom(alice, { private: true });
  const add = { room, user: "bob", clientId: crypto.randomUUID() };
  const added = await alice.do("member.add", add);
  const mute = { room, user: "bob", muteSeconds: 60, clientId: crypto.randomUUID() };
  const muted = await alice.do("member.change", mute);
  await alice.do("member.change", { room, user: "bob", muteSeconds: 0 });
  expect(await alice.do("member.change", mute)).toEqual(muted);
  expect((await findEntry(bob, room))?.mutedUntil).toBeNull();
  const leave = { room, clientId: crypto.randomUUID() };
  const left = await bob.do("member.remove", leave);
  expect(await alice.do("member.add", add), "bob is not added again").toEqual(added);
  expect(await isListed(bob, room)).toBe(false);
  expect(await bob.do("member.remove", leave), "the retry succeeds although bob no longer sees the room").toEqual(left);
  expect((await bob.refusal("member.remove", { room, clientId: crypto.randomUUID() })).code).toBe("ROOM_INVALID");
});

describe("creating a room", () => {
  test("makes its creator an owner, and is idempotent for the same clientId", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const input = { clientId: crypto.randomUUID(), title: "Allotment", topic: "Beans" };
    const { room } = await alice.do("room.create", input);
    expect(room).toMatchObject({ title: "Allotment", topic: "Beans", kind: "open", slowModeSeconds: 0 });
    expect((await phone.do("room.create", input)).room.id).toBe(room.id);
    expect(await findEntry(alice, room.id)).toMatchObject({ role: "owner" });
    await bob.event("room.listed", (event) => event.room === room.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "room.listed")).toHaveLength(1);
    const byBob = await bob.do("room.create", input);
    expect(byBob.room.id, "the clientId of another user is another key").not.toBe(room.id);
  });

  test("publishes a private room to its creator only", async () => {
    const [alice, phone, bob, sara] = [await open("alice"), await open("alice"), await open("bob"), await open("sara")];
    const room = await createRoom(alice, { private: true });
    await phone.event("room.listed", (event) => event.room === room.id);
    for (const stranger of [bob, sara]) {
      await stranger.fence();
      expect(JSON.stringify(stranger.received)).not.toContain(room.id);
      expect(await isListed(stranger, room.id)).toBe(false);
    }
  });

  test("refuses a staff-only room from an ordinary user, and any room where the setting says so", async () => {
    const alice = await open("alice");
    const input = { clientId: crypto.randomUUID(), title: "Mine" };
    expect((await alice.refusal("room.create", { ...input, staffOnly: true })).code).toBe("FORBIDDEN");
    await chat.api("admin", "PATCH", "/api/settings", { roomCreators: "staff" });
    expect((await alice.refusal("room.create", input)).code).toBe("FORBIDDEN");
  });
});

describe("a private room", () => {
  test("appears at once for an added user; a removed user loses it without a reason", async () => {
    const [alice, bob, phone, carol] = [await open("alice"), await open("bob"), await open("bob"), await open("carol")];
    const room = await createRoom(alice, { private: true });
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
    await expectNotReceived(bob, room.id, alice);
    expect(bob.events.some(({ on }) => on === "member.removed")).toBe(false);
    expect((await bob.refusal("room.join", { room: room.id })).code).toBe("ROOM_INVALID");
    expect((await bob.refusal("message.send", { room: room.id, clientId: "a", body: "hey" })).code).toBe(
      "ROOM_INVALID",
    );
    expect(await isListed(bob, room.id)).toBe(false);
    const { epoch } = await bob.do("room.list", {});
    expect((await bob.do("resume", { epoch, rooms: { [room.id]: 1 } })).rooms).toEqual({ [room.id]: { gone: true } });
    await carol.fence();
    expect(JSON.stringify(carol.received)).not.toContain(room.id);
  });

  test("evicts users who are not members when it becomes private, and admits them again when it opens", async () => {
    const [alice, bob, carol, sara] = [await open("alice"), await open("bob"), await open("carol"), await open("sara")];
    const room = await createRoom(alice);
    await alice.do("member.add", { room: room.id, user: "carol" });
    for (const client of [bob, carol, sara]) await client.join(room.id);
    const close = () => chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { kind: "private" });
    await awaitEffect(close, () =>
      Promise.all([bob, sara].map((client) => client.event("room.unlisted", (event) => event.room === room.id))),
    );
    await expectNotReceived(bob, room.id, alice);
    await expectNotReceived(sara, room.id, alice);
    await carol.event("message.posted", (event) => event.room === room.id);
    expect(bob.events.some((event) => event.on === "room.changed")).toBe(false);
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Behind the hedge" });
    await bob.fence();
    expect(JSON.stringify(bob.received)).not.toContain("hedge");
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { kind: "open" });
    await bob.event("room.listed", (event) => event.entry.title === "Behind the hedge");
    await bob.join(room.id);
  });

  test("keeps staff who make a room private as its owner", async () => {
    const [sara, alice] = [await open("sara"), await open("alice")];
    const { body } = await chat.api("sara", "PATCH", "/api/rooms/1", { kind: "private" });
    const { id } = (body as { room: Room }).room;
    expect(await findEntry(sara, id)).toMatchObject({ role: "owner", kind: "private" });
    expect(await isListed(alice, id)).toBe(false);
  });

  test("delivers nothing to a removed user afterwards, even while their connection is busy", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice, { private: true });
    await alice.do("member.add", { room: room.id, user: "bob" });
    await alice.join(room.id);
    await bob.join(room.id);
    // Events of a connection wait while it answers: these answers take a while each.
    const busy = Array.from({ length: 1_500 }, () => bob.begin("history.page", { room: room.id }));
    await bob.reply(busy[0] ?? 0);
    await alice.do("member.remove", { room: room.id, user: "bob" });
    const posted = await Promise.all(
      Array.from({ length: 10 }, (_, i) => alice.say(room.id, `after the removal of bob ${i}`)),
    );
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await bob.fence();
    const received = bob.events.flatMap((event) => (event.on === "message.posted" ? [event.message.id] : []));
    expect(posted.map(({ message }) => message.id).filter((id) => received.includes(id))).toEqual([]);
    expect(bob.events.some(({ on }) => on === "member.removed")).toBe(false);
  });

  test("cannot be joined again by a user who left it", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice, { private: true });
    await alice.do("member.add", { room: room.id, user: "bob" });
    await alice.join(room.id);
    await bob.join(room.id);
    await bob.do("member.remove", { room: room.id });
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await alice.event("member.left", ({ user }) => user.username === "bob");
    expect((await bob.refusal("member.add", { room: room.id })).code).toBe("ROOM_INVALID");
  });
});

describe("permissions of members", () => {
  const ROLES = ["owner", "moderator", "member", "guest", "staff"] as const;
  type RoleName = (typeof ROLES)[number];

  /** Creates an open room with one user of each role. */
  async function createRoomWithRoles(): Promise<{ room: Room; clients: Record<RoleName, ChatClient> }> {
    const clients = {
      owner: await open("alice"),
      moderator: await open("bob"),
      member: await open("carol"),
      guest: await open("dave"),
      staff: await open("sara"),
    };
    const room = await createRoom(clients.owner);
    await clients.owner.do("member.add", { room: room.id, user: "bob", role: "moderator" });
    await clients.member.do("member.add", { room: room.id });
    await clients.owner.do("member.add", { room: room.id, user: "erin" });
    return { room, clients };
  }

  const MODERATORS: readonly RoleName[] = ["owner", "moderator", "staff"];

  test.each<[string, (client: ChatClient, room: string) => Promise<{ error?: unknown }>, readonly RoleName[]]>([
    ["read, list members, search", (client, room) => client.ask("member.list", { room }), ROLES],
    ["write", (client, room) => client.ask("message.send", { room, clientId: crypto.randomUUID(), body: "hi" }), ROLES],
    ["list bans", (client, room) => client.ask("member.bans", { room }), MODERATORS],
    ["add members", (client, room) => client.ask("member.add", { room, user: "admin" }), MODERATORS],
    [
      "appoint moderators",
      (client, room) => client.ask("member.change", { room, user: "erin", role: "moderator" }),
      MODERATORS,
    ],
    ["appoint owners", (client, room) => client.ask("member.change", { room, user: "erin", role: "owner" }), ["owner"]],
    ["mute", (client, room) => client.ask("member.change", { room, user: "erin", muteSeconds: 1 }), MODERATORS],
    [
      "mute the owner",
      (client, room) => client.ask("member.change", { room, user: "alice", muteSeconds: 1 }),
      ["owner"],
    ],
    ["mute staff", (client, room) => client.ask("member.change", { room, user: "sara", muteSeconds: 1 }), ["staff"]],
    ["ban the owner", (client, room) => client.ask("member.remove", { room, user: "alice", ban: true }), []],
  ])("%s", async (_, ask, expected) => {
    const { room, clients } = await createRoomWithRoles();
    const allowed: RoleName[] = [];
    for (const name of ROLES) {
      await clients[name].join(room.id);
      const { error } = await ask(clients[name], room.id);
      if (error === undefined) allowed.push(name);
      else expect(error).toMatchObject({ code: "ROOM_ACCESS_DENIED" });
    }
    expect(allowed).toEqual(ROLES.filter((name) => expected.includes(name)));
  });

  test.each([
    ["rename", { title: "Another" }, MODERATORS],
    ["set slow mode", { slowModeSeconds: 5 }, MODERATORS],
    ["archive", { archived: true }, MODERATORS],
    ["change the kind", { kind: "open" }, ["owner", "staff"]],
    ["change staff-only", { staffOnly: false }, ["staff"]],
  ] as const)("%s", async (_, changes, expected) => {
    const { room } = await createRoomWithRoles();
    const names = { owner: "alice", moderator: "bob", member: "carol", guest: "dave", staff: "sara" };
    const allowed: RoleName[] = [];
    for (const name of ROLES) {
      const { status } = await chat.api(names[name], "PATCH", `/api/rooms/${room.id}`, changes);
      if (status === 200) allowed.push(name);
      else expect(status).toBe(403);
    }
    expect(allowed).toEqual(ROLES.filter((name) => (expected as readonly RoleName[]).includes(name)));
  });

  test("a superuser acts as an owner", async () => {
    const { room } = await createRoomWithRoles();
    const admin = await open("admin");
    await admin.do("member.change", { room: room.id, user: "carol", role: "owner" });
    await admin.do("member.remove", { room: room.id, user: "alice" });
  });
});

describe("a banned user", () => {
  test("loses the room and cannot return until the ban is lifted", async () => {
    const [alice, bob, carol] = [await open("alice"), await open("bob"), await open("carol")];
    const room = await createRoom(alice);
    await alice.join(room.id);
    await bob.join(room.id);
    await awaitEffect(
      () => alice.do("member.remove", { room: room.id, user: "bob", ban: true }),
      () => bob.event("room.unlisted", (event) => event.room === room.id),
    );
    await alice.event("member.removed", (event) => event.user.username === "bob" && event.banned);
    await expectNotReceived(bob, room.id, alice);
    for (const address of [room.id, room.number]) {
      expect((await bob.refusal("room.join", { room: address })).code).toBe("ROOM_INVALID");
      expect((await bob.refusal("member.add", { room: address })).code).toBe("ROOM_INVALID");
    }
    expect(await isListed(bob, room.id)).toBe(false);
    expect((await alice.refusal("member.add", { room: room.id, user: "bob" })).code).toBe("MEMBER_BANNED");
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Changed during the ban" });
    await carol.event("room.listed", (event) => event.entry.title === "Changed during the ban");
    await bob.fence();
    expect(JSON.stringify(bob.received)).not.toContain("Changed during the ban");

    await alice.do("member.remove", { room: room.id, user: "bob", ban: false });
    await bob.event("room.listed", (event) => event.room === room.id && event.entry.title === "Changed during the ban");
    await bob.join(room.id);
  });

  test("is listed with the time and author of the ban until it is lifted", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
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
    expect(body, "the same answer over HTTP").toEqual({ banned, count });
    await bob.do("member.remove", { room: room.id, user: "carol", ban: false });
    expect(await bob.do("member.bans", { room: room.id })).toEqual({ banned: banned.slice(0, 1), count: 1 });
  });

  test("is no longer listed for a moderator who becomes a plain member or is banned", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.do("member.add", { room: room.id, user: "bob", role: "moderator" });
    await bob.do("member.bans", { room: room.id });
    await alice.do("member.change", { room: room.id, user: "bob", role: "member" });
    expect((await bob.refusal("member.bans", { room: room.id })).code).toBe("ROOM_ACCESS_DENIED");
    await alice.do("member.remove", { room: room.id, user: "bob", ban: true });
    expect((await bob.refusal("member.bans", { room: room.id })).code).toBe("ROOM_INVALID");
  });

  test("cannot be staff when the room's owner is not", async () => {
    const alice = await open("alice");
    const room = await createRoom(alice);
    expect((await alice.refusal("member.remove", { room: room.id, user: "sara", ban: true })).code).toBe(
      "ROOM_ACCESS_DENIED",
    );
  });

  test("receives nothing when the room is deleted", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.do("member.remove", { room: room.id, user: "bob", ban: true });
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await chat.api("alice", "DELETE", `/api/rooms/${room.id}`);
    await alice.event("room.unlisted", (event) => event.room === room.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "room.unlisted")).toHaveLength(1);
  });
});

describe("a muted user", () => {
  test("can read but not write until the mute ends; a muted guest becomes a member", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.join(room.id);
    await bob.join(room.id);
    const { message } = await bob.say(room.id, "loud");
    await alice.do("member.change", { room: room.id, user: "bob", muteSeconds: 600 });
    const listed = await bob.event("room.listed", (event) => (event.membership?.mutedUntil ?? 0) > Date.now());
    expect(listed.membership?.role).toBe("member");
    const address = { room: room.id, message: message.id };
    for (const refusal of [
      await bob.refusal("message.send", { room: room.id, clientId: "a", body: "louder" }),
      await bob.refusal("message.edit", { ...address, body: "louder" }),
      await bob.refusal("reaction.add", { ...address, emoji: "👍" }),
      await bob.refusal("typing.start", { room: room.id }),
    ]) {
      expect(refusal.code).toBe("MEMBER_MUTED");
      expect(refusal.retryAfter).toBeGreaterThan(500);
    }
    expect((await bob.refusal("member.remove", { room: room.id })).code, "leaving does not end the mute").toBe(
      "MEMBER_MUTED",
    );
    await bob.do("message.delete", address);
    await alice.say(room.id, "quiet");
    await bob.event("message.posted", (event) => event.message.body === "quiet");
    expect(await findEntry(bob, room.id)).toMatchObject({ mutedUntil: listed.membership?.mutedUntil });
    await alice.do("member.change", { room: room.id, user: "bob", muteSeconds: 0 });
    await bob.say(room.id, "sorry");
  });

  test("is muted once when the command is retried after a lost reply", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.join(room.id);
    await bob.do("member.add", { room: room.id });
    const mute = { room: room.id, user: "bob", muteSeconds: 600 };
    const first = await alice.do("member.change", mute);
    expect(await alice.do("member.change", mute)).toEqual(first);
    await alice.fence();
    expect(alice.events.filter((event) => event.on === "member.changed")).toHaveLength(1);
  });
});

test("every member command is idempotent", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  const room = await createRoom(alice);
  await alice.join(room.id);
  const expectIdempotent = async <T>(ask: () => Promise<T>): Promise<void> => {
    const first = await ask();
    expect(await ask()).toEqual(first);
  };
  await expectIdempotent(() => bob.do("member.add", { room: room.id }));
  await expectIdempotent(() => alice.do("member.change", { room: room.id, user: "bob", role: "moderator" }));
  await expectIdempotent(() => bob.do("member.remove", { room: room.id }));
  await expectIdempotent(() => alice.do("member.remove", { room: room.id, user: "bob", ban: true }));
  await expectIdempotent(() => alice.do("member.remove", { room: room.id, user: "bob", ban: false }));
  await alice.fence();
  const events = alice.events.filter(({ on }) => on.startsWith("member."));
  expect(events.map(({ on }) => on)).toEqual([
    "member.joined",
    "member.changed",
    "member.left",
    "member.removed",
    "member.removed",
  ]);
});

test("a room keeps an owner while it has other members", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  const room = await createRoom(alice);
  await bob.do("member.add", { room: room.id });
  expect((await alice.refusal("member.remove", { room: room.id })).code).toBe("LAST_OWNER");
  expect((await alice.refusal("member.change", { room: room.id, user: "alice", role: "member" })).code).toBe(
    "LAST_OWNER",
  );
  await alice.do("member.change", { room: room.id, user: "bob", role: "owner" });
  await alice.do("member.remove", { room: room.id });
});

test("lists members by role, then name, for everyone who can see the room", async () => {
  const [alice, dave] = [await open("alice"), await open("dave")];
  const room = await createRoom(alice);
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

test("refuses to add or message users who do not exist or are deactivated", async () => {
  const alice = await open("alice");
  const room = await createRoom(alice);
  await chat.changePerson("gone", { active: false });
  for (const [user, code] of [
    ["nobody-at-all", "PERSON_NOT_FOUND"],
    ["gone", "PERSON_DEACTIVATED"],
  ] as const) {
    expect((await alice.refusal("member.add", { room: room.id, user })).code).toBe(code);
    expect((await alice.refusal("direct.open", { user })).code).toBe(code);
  }
  expect((await alice.refusal("direct.open", { user: "alice" })).code).toBe("PERSON_NOT_FOUND");
});

describe("slow mode", () => {
  test("makes everyone but moderators wait, and answers a retry with the first message", async () => {
    const [alice, bob, sara] = [await open("alice"), await open("bob"), await open("sara")];
    const room = await createRoom(alice);
    for (const client of [alice, bob, sara]) await client.join(room.id);
    await chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { slowModeSeconds: 3600 });
    await bob.event("room.changed", ({ changes }) => changes.slowModeSeconds === 3600);
    const message = { room: room.id, clientId: crypto.randomUUID(), body: "one" };
    const first = await bob.do("message.send", message);
    const { code, retryAfter } = await bob.refusal("message.send", { ...message, clientId: crypto.randomUUID() });
    expect(code).toBe("SLOW_MODE");
    expect(retryAfter).toBeGreaterThan(3_000);
    expect(await bob.do("message.send", message)).toEqual(first);
    for (const client of [alice, sara]) {
      await client.say(room.id, "one");
      await client.say(room.id, "two");
    }
  });
});

describe("a direct conversation", () => {
  test("is one room for both users, created once and listed for both at once", async () => {
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

  test("cannot be changed, left or extended, and both users may pin", async () => {
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
