import type { Room } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import type { ChatClient } from "../../support/chat-client.ts";
import { createRoom, findEntry, isListed, useMemberFixture } from "./member-fixture.ts";

const fixture = useMemberFixture();
const { open } = fixture;

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
    await fixture.chat.api("admin", "PATCH", "/api/settings", { roomCreators: "staff" });
    expect((await alice.refusal("room.create", input)).code).toBe("FORBIDDEN");
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
      const { status } = await fixture.chat.api(names[name], "PATCH", `/api/rooms/${room.id}`, changes);
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
  await fixture.chat.changePerson("gone", { active: false });
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
    await fixture.chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { slowModeSeconds: 3600 });
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
