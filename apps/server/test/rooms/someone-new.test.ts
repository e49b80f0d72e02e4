import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";
import { passwordOf } from "../support/seeds.ts";

let chat: TestChat;
const openClients: { close(): void }[] = [];
let admin: ChatClient;
beforeAll(async () => {
  const people = [{ username: "admin", staff: true, superuser: true }];
  chat = await TestChat.start({ people, env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
});
afterAll(() => chat.close());
beforeEach(async () => {
  admin = await open("admin");
});
afterEach(() => {
  for (const client of openClients.splice(0)) client.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  openClients.push(client);
  return client;
}

let people = 0;
async function newPerson({ staff = false } = {}): Promise<string> {
  people += 1;
  const username = `person-${people}`;
  const created = await chat.api("admin", "POST", "/api/people", { username, password: passwordOf(username), staff });
  expect(created.status).toBe(201);
  return username;
}

const createRoom = async (options: { private?: boolean; staffOnly?: boolean } = {}) =>
  (await admin.do("room.create", { clientId: crypto.randomUUID(), title: "Allotment", ...options })).room.id;

async function say(room: string, username: string, count = 5): Promise<void> {
  await admin.join(room);
  for (let n = 0; n < count; n += 1) await admin.say(room, `hello @${username} @all`);
}

async function entry(client: ChatClient, room: string) {
  const { rooms } = await client.do("room.list", {});
  const found = rooms.find(({ id }) => id === room);
  return found && { unread: found.unread, mentions: found.mentions };
}

const NOTHING = { unread: 0, mentions: 0 };
const ALL_FIVE = { unread: 5, mentions: 5 };

describe("someone new has nothing unread from before they could read the room, and can read its history", () => {
  test.each<[string, (room: string, username: string) => Promise<unknown>, object]>([
    ["an invitation to a private room", (room, user) => admin.do("member.add", { room, user }), { private: true }],
    [
      "an invitation as a moderator",
      (room, user) => admin.do("member.add", { room, user, role: "moderator" }),
      { private: true },
    ],
    ["an invitation to an open room", (room, user) => admin.do("member.add", { room, user }), {}],
    ["joining an open room", async (room, user) => (await open(user)).do("member.add", { room }), {}],
    [
      "a private room that becomes open",
      (room) => chat.api("admin", "PATCH", `/api/rooms/${room}`, { kind: "open" }),
      { private: true },
    ],
    [
      "a staff-only room that becomes public",
      (room) => chat.api("admin", "PATCH", `/api/rooms/${room}`, { staffOnly: false }),
      { staffOnly: true },
    ],
    ["the staff flag", (_room, user) => chat.changePerson(user, { staff: true }), { staffOnly: true }],
  ])("%s", async (_way, admit, options) => {
    const username = await newPerson();
    const room = await createRoom(options);
    await say(room, username);
    await admit(room, username);
    const client = await open(username);
    expect(await entry(client, room)).toEqual(NOTHING);
    expect((await client.do("room.join", { room })).state).toMatchObject(NOTHING);
    expect((await client.do("history.page", { room })).messages).toHaveLength(5);
    await say(room, username);
    expect(await entry(client, room)).toEqual(ALL_FIVE);
  });

  test.each([false, true])("an account that is made, staff: %s", async (staff) => {
    const rooms = [await createRoom(), await createRoom({ staffOnly: true })];
    for (const room of rooms) await say(room, "nobody");
    const username = await newPerson({ staff });
    const client = await open(username);
    const [open_, staffOnly] = rooms;
    expect(await entry(client, open_ ?? "")).toEqual(NOTHING);
    expect(await entry(client, staffOnly ?? "")).toEqual(staff ? NOTHING : undefined);
    await say(open_ ?? "", username);
    expect(await entry(client, open_ ?? "")).toEqual(ALL_FIVE);
  });

  test("a ban that is lifted, and rejoining after leaving or being removed", async () => {
    const username = await newPerson();
    const client = await open(username);
    for (const [options, away] of [
      [{}, (room: string) => admin.do("member.remove", { room, user: username, ban: true })],
      [{}, (room: string) => client.do("member.remove", { room })],
      [{ private: true }, (room: string) => client.do("member.remove", { room })],
      [{ private: true }, (room: string) => admin.do("member.remove", { room, user: username })],
    ] as const) {
      const room = await createRoom(options);
      await admin.do("member.add", { room, user: username });
      await away(room);
      await say(room, username);
      await admin.do("member.remove", { room, user: username, ban: false });
      await admin.do("member.add", { room, user: username });
      expect(await entry(client, room)).toEqual(NOTHING);
    }
  });

  test("a guest whose ban is lifted", async () => {
    const username = await newPerson();
    const client = await open(username);
    const room = await createRoom();
    await admin.do("member.remove", { room, user: username, ban: true });
    await say(room, username);
    await admin.do("member.remove", { room, user: username, ban: false });
    expect(await entry(client, room)).toEqual(NOTHING);
  });
});

describe("who could read a room before keeps what is unread", () => {
  test("members of a private room that becomes open, and staff of a staff-only room that becomes public", async () => {
    const member = await newPerson();
    const staff = await newPerson({ staff: true });
    const room = await createRoom({ private: true });
    await admin.do("member.add", { room, user: member });
    await say(room, member);
    await chat.api("admin", "PATCH", `/api/rooms/${room}`, { kind: "open" });
    expect(await entry(await open(member), room)).toEqual(ALL_FIVE);
    const staffRoom = await createRoom({ staffOnly: true });
    await say(staffRoom, staff);
    await chat.api("admin", "PATCH", `/api/rooms/${staffRoom}`, { staffOnly: false });
    expect(await entry(await open(staff), staffRoom)).toEqual(ALL_FIVE);
  });

  test("a guest who has read an open room and joins it", async () => {
    const username = await newPerson();
    const client = await open(username);
    const room = await createRoom();
    await client.do("room.read", { room, seq: 1 });
    await say(room, username);
    expect(await entry(client, room)).toEqual(ALL_FIVE);
    await client.do("member.add", { room });
    expect(await entry(client, room)).toEqual(ALL_FIVE);
  });

  test("a member whose role changes, who is muted, or who gets the staff flag", async () => {
    const username = await newPerson();
    const client = await open(username);
    const room = await createRoom({ private: true });
    await admin.do("member.add", { room, user: username });
    await say(room, username);
    await admin.do("member.change", { room, user: username, role: "moderator" });
    await admin.do("member.change", { room, user: username, muteSeconds: 60 });
    await chat.changePerson(username, { staff: true });
    expect(await entry(client, room)).toEqual(ALL_FIVE);
  });

  test("the other person of a direct conversation", async () => {
    const username = await newPerson();
    const { room } = await admin.do("direct.open", { user: username });
    await admin.join(room.id);
    for (let n = 0; n < 5; n += 1) await admin.say(room.id, "hello");
    expect(await entry(await open(username), room.id)).toMatchObject({ unread: 5 });
  });
});
