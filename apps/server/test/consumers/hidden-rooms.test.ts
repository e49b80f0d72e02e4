import { ERRORS, type Room } from "@multichat/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";

const NOWHERE = "01900000-0000-7000-8000-000000000000";
/** Stands in every hidden room, and nowhere else. */
const WORD = "quincunx";
const PEOPLE = [
  { username: "admin", staff: true, superuser: true },
  { username: "sara", staff: true },
  ...["alice", "bob", "carol"].map((username) => ({ username })),
];

let chat: TestChat;
const opened: { close(): void }[] = [];
beforeAll(async () => {
  chat = await TestChat.start({ people: PEOPLE, env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
  await chat.api("admin", "PATCH", "/api/settings", { roomCreators: "everybody", historyReaders: "everybody" });
});
afterAll(() => chat.close());
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  opened.push(client);
  return client;
}

interface Hidden {
  readonly room: Room;
  /** Of somebody in it. */
  readonly message: string;
  readonly insider: ChatClient;
}

async function fill(insider: ChatClient, room: Room): Promise<Hidden> {
  await insider.join(room.id);
  const { message } = await insider.say(room.id, `${WORD}, @alice and @sara`);
  return { room, message: message.id, insider };
}

const make = async (owner: ChatClient, what: object): Promise<Room> =>
  (await owner.do("room.create", { clientId: crypto.randomUUID(), title: "Behind the ivy", ...what })).room;

/** Each way a room can be closed to somebody, and to whom. */
const CLOSED: readonly [string, string, () => Promise<Hidden>][] = [
  [
    "staff-only, to an ordinary user",
    "alice",
    async () => {
      const admin = await open("admin");
      return await fill(admin, await make(admin, { staffOnly: true }));
    },
  ],
  ...["alice", "sara", "admin"].map((stranger): [string, string, () => Promise<Hidden>] => [
    `private, to ${stranger}`,
    stranger,
    async () => {
      const bob = await open("bob");
      return await fill(bob, await make(bob, { private: true }));
    },
  ]),
  ...["alice", "sara", "admin"].map((stranger): [string, string, () => Promise<Hidden>] => [
    `somebody else's direct conversation, to ${stranger}`,
    stranger,
    async () => {
      const bob = await open("bob");
      return await fill(bob, (await bob.do("direct.open", { user: "carol" })).room);
    },
  ]),
  ...["alice", "sara"].map((stranger): [string, string, () => Promise<Hidden>] => [
    `open, to ${stranger}, who is banned`,
    stranger,
    async () => {
      const admin = await open("admin");
      const hidden = await fill(admin, await make(admin, {}));
      await admin.do("member.remove", { room: hidden.room.id, user: stranger, ban: true });
      return hidden;
    },
  ]),
  [
    "private, to a member who was removed mid-way",
    "alice",
    async () => {
      const bob = await open("bob");
      const room = await make(bob, { private: true });
      await bob.do("member.add", { room: room.id, user: "alice" });
      const hidden = await fill(bob, room);
      await bob.do("member.remove", { room: room.id, user: "alice" });
      return hidden;
    },
  ],
];

/** Every way to ask for a room on the socket. */
const ways = (client: ChatClient, room: string | number, message: string) => ({
  join: () => client.ask("room.join", { room }),
  "join since": () => client.ask("room.join", { room, since: 0 }),
  leave: () => client.ask("room.leave", { room }),
  send: () => client.ask("message.send", { room, clientId: crypto.randomUUID(), body: "let me in" }),
  reply: () => client.ask("message.send", { room, clientId: crypto.randomUUID(), body: "hm", replyTo: message }),
  edit: () => client.ask("message.edit", { room, message, body: "mine" }),
  delete: () => client.ask("message.delete", { room, message }),
  pin: () => client.ask("message.pin", { room, message }),
  unpin: () => client.ask("message.unpin", { room, message }),
  versions: () => client.ask("message.history", { room, message }),
  react: () => client.ask("reaction.add", { room, message, emoji: "👍" }),
  unreact: () => client.ask("reaction.remove", { room, message, emoji: "👍" }),
  pins: () => client.ask("pin.list", { room }),
  history: () => client.ask("history.page", { room }),
  "history around": () => client.ask("history.page", { room, around: 1, limit: 1 }),
  read: () => client.ask("room.read", { room, seq: 1 }),
  members: () => client.ask("member.list", { room }),
  "who is banned": () => client.ask("member.bans", { room }),
  "become a member": () => client.ask("member.add", { room }),
  invite: () => client.ask("member.add", { room, user: "carol", role: "owner" }),
  "leave for good": () => client.ask("member.remove", { room }),
  remove: () => client.ask("member.remove", { room, user: "bob", ban: true }),
  "lift a ban": () => client.ask("member.remove", { room, user: "alice", ban: false }),
  mute: () => client.ask("member.change", { room, user: "bob", muteSeconds: 60 }),
  type: () => client.ask("typing.start", { room }),
  "type no more": () => client.ask("typing.stop", { room }),
  "find its people": () => client.ask("people.find", { query: "", room }),
});

describe.each(CLOSED)("a room that is closed: %s", (_, stranger, close) => {
  test("answers every question as one that was never made, by id and by number", async () => {
    const { room, message } = await close();
    const client = await open(stranger);
    const refused = { code: "ROOM_INVALID", message: ERRORS.ROOM_INVALID.message };
    for (const [there, nowhere] of [
      [room.id, NOWHERE],
      [room.number, 999_999],
      [String(room.number), "999999"],
    ] as const) {
      const [asked, never] = [ways(client, there, message), ways(client, nowhere, message)];
      for (const name of Object.keys(asked) as (keyof typeof asked)[]) {
        expect((await asked[name]()).error, name).toEqual(refused);
        expect((await never[name]()).error, `${name}, of no room`).toEqual(refused);
      }
    }
    const { epoch } = await client.do("room.list", {});
    const resumed = await client.do("resume", { epoch, rooms: { [room.id]: 0, [NOWHERE]: 0 } });
    expect(resumed.rooms).toEqual({ [room.id]: { gone: true }, [NOWHERE]: { gone: true } });
  });

  test("is in no list, no count and no search", async () => {
    const { room, insider } = await close();
    const { found: premise } = await insider.do("message.search", { query: WORD });
    expect(premise.some((one) => one.room.id === room.id)).toBe(true);
    const client = await open(stranger);
    expect((await client.do("room.list", {})).rooms.map(({ id }) => id)).not.toContain(room.id);
    const { found } = await client.do("message.search", { query: `${WORD} ${WORD.slice(0, 4)}*`, limit: 50 });
    expect(found.map((one) => one.room.id)).not.toContain(room.id);
    const asked = async (name: string) => {
      const { code, message } = await client.refusal("message.search", { query: `${WORD} in:"${name}"` });
      return [code, message.replaceAll(name, "…")];
    };
    for (const name of [room.id, String(room.number)]) expect(await asked(name)).toEqual(await asked("999999"));
  });

  test("is heard by nobody outside, whatever happens in it", async () => {
    const { room, message, insider } = await close();
    const client = await open(stranger);
    const on = { room: room.id, message };
    await insider.do("message.edit", { ...on, body: `${WORD} again, @${stranger}` });
    await insider.do("reaction.add", { ...on, emoji: "👍" });
    await insider.do("typing.start", { room: room.id });
    await insider.do("presence.set", { status: "busy", text: "with ivy" });
    await insider.do("message.delete", on);
    await insider.fence();
    await client.fence();
    expect(JSON.stringify(client.received)).not.toContain(room.id);
  });

  test("has no word for the classic page but that there is none", async () => {
    const { room } = await close();
    const { cookie } = await chat.session(stranger);
    const classic = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie, fenceRoom: 1 }).settled();
    opened.push(classic);
    classic.send({ command: "join", room: room.number });
    // What the original had a second word for is what staff alone may see.
    expect(await classic.gets(1)).toEqual([{ error: room.staffOnly ? "ROOM_ACCESS_DENIED" : "ROOM_INVALID" }]);
  });
});

describe("who is there", () => {
  test("is told to those who share a room, and to strangers as if they did not exist", async () => {
    const closed = await TestChat.start({ people: PEOPLE, rooms: [{ title: "Staff", staffOnly: true }] });
    try {
      const enter = async (username: string) => {
        const client = await ChatClient.open(closed, username);
        opened.push(client);
        return client;
      };
      const [alice, bob, sara] = [await enter("alice"), await enter("bob"), await enter("sara")];
      const ids = await Promise.all([alice, bob, sara].map(async (one) => (await one.do("room.list", {})).me.id));
      const seenBy = async (client: ChatClient) =>
        (await client.do("presence.list", { users: [...ids, NOWHERE] })).presences.map(({ user }) => user);
      expect(await seenBy(alice), "nobody but oneself").toEqual([ids[0]]);
      expect(await seenBy(sara)).toEqual([ids[2]]);
      await closed.changePerson("bob", { staff: true });
      await bob.event("me.changed");
      expect(await seenBy(bob), "the staff's room is shared").toEqual([ids[1], ids[2]]);
      expect(await seenBy(sara)).toEqual([ids[1], ids[2]]);
      const { room } = await alice.do("direct.open", { user: "sara" });
      expect(await seenBy(alice)).toEqual([ids[0], ids[2]]);
      await sara.join(room.id);
      await alice.join(room.id);
      await bob.do("presence.set", { status: "busy" });
      await sara.do("presence.set", { status: "busy" });
      await alice.event("presence.changed", (event) => event.user === ids[2] && event.status === "busy");
      await alice.fence();
      expect(alice.events.some((event) => event.on === "presence.changed" && event.user === ids[1])).toBe(false);
    } finally {
      await closed.close();
    }
  });
});

describe("finding people", () => {
  test("by the beginning of the name, in any case; in a room, those who may read it", async () => {
    const bob = await open("bob");
    const room = await make(bob, { private: true });
    await bob.do("member.add", { room: room.id, user: "carol" });
    const names = async (query: string, where: object = {}) =>
      (await bob.do("people.find", { query, ...where })).people.map(({ username }) => username);
    expect(await names("CA")).toEqual(["carol"]);
    expect(await names("")).toEqual(["admin", "alice", "bob", "carol", "sara"]);
    expect(await names("", { room: room.id })).toEqual(["bob", "carol"]);
    expect(await names("a", { room: room.id })).toEqual([]);
    expect(await names("nobody")).toEqual([]);
  });

  test("new names are found at once, and those of accounts that are closed no more", async () => {
    const bob = await open("bob");
    const names = async () => (await bob.do("people.find", { query: "zoe" })).people.map(({ username }) => username);
    expect(await names()).toEqual([]);
    await chat.api("admin", "POST", "/api/people", { username: "zoe", password: "a long password" });
    expect(await names()).toEqual(["zoe"]);
    await chat.changePerson("zoe", { username: "zoey" });
    expect(await names()).toEqual(["zoey"]);
    await chat.changePerson("zoey", { active: false });
    expect(await names()).toEqual([]);
  });
});
