import { ERRORS, type Room } from "@multichat/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

const UNKNOWN_ROOM = "01900000-0000-7000-8000-000000000000";
/** A word in the messages of every hidden room, and nowhere else. */
const WORD = "quincunx";
const PEOPLE = [
  { username: "admin", staff: true, superuser: true },
  { username: "sara", staff: true },
  ...["alice", "bob", "carol"].map((username) => ({ username })),
];

let chat: TestChat;
const openClients: { close(): void }[] = [];
beforeAll(async () => {
  chat = await TestChat.start({ people: PEOPLE, env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
  await chat.api("admin", "PATCH", "/api/settings", { roomCreators: "everybody", historyReaders: "everybody" });
});
afterAll(() => chat.close());
afterEach(() => {
  for (const client of openClients.splice(0)) client.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  openClients.push(client);
  return client;
}

interface HiddenRoom {
  readonly room: Room;
  /** The id of a message by the insider. */
  readonly message: string;
  readonly insider: ChatClient;
}

async function postIn(insider: ChatClient, room: Room): Promise<HiddenRoom> {
  await insider.join(room.id);
  const { message } = await insider.say(room.id, `${WORD}, @alice and @sara`);
  return { room, message: message.id, insider };
}

const createRoom = async (owner: ChatClient, options: object): Promise<Room> =>
  (await owner.do("room.create", { clientId: crypto.randomUUID(), title: "Behind the ivy", ...options })).room;

/** Every reason why a room is hidden, and a user that it is hidden from. */
const HIDDEN: readonly [string, string, () => Promise<HiddenRoom>][] = [
  [
    "staff-only, for an ordinary user",
    "alice",
    async () => {
      const admin = await open("admin");
      return await postIn(admin, await createRoom(admin, { staffOnly: true }));
    },
  ],
  ...["alice", "sara", "admin"].map((outsider): [string, string, () => Promise<HiddenRoom>] => [
    `private, for ${outsider}`,
    outsider,
    async () => {
      const bob = await open("bob");
      return await postIn(bob, await createRoom(bob, { private: true }));
    },
  ]),
  ...["alice", "sara", "admin"].map((outsider): [string, string, () => Promise<HiddenRoom>] => [
    `a direct conversation of other users, for ${outsider}`,
    outsider,
    async () => {
      const bob = await open("bob");
      return await postIn(bob, (await bob.do("direct.open", { user: "carol" })).room);
    },
  ]),
  ...["alice", "sara"].map((outsider): [string, string, () => Promise<HiddenRoom>] => [
    `open, for ${outsider}, who is banned`,
    outsider,
    async () => {
      const admin = await open("admin");
      const hidden = await postIn(admin, await createRoom(admin, {}));
      await admin.do("member.remove", { room: hidden.room.id, user: outsider, ban: true });
      return hidden;
    },
  ]),
  [
    "private, for a removed member",
    "alice",
    async () => {
      const bob = await open("bob");
      const room = await createRoom(bob, { private: true });
      await bob.do("member.add", { room: room.id, user: "alice" });
      const hidden = await postIn(bob, room);
      await bob.do("member.remove", { room: room.id, user: "alice" });
      return hidden;
    },
  ],
];

/** Every command that addresses a room. */
const commandsOn = (client: ChatClient, room: string | number, message: string) => ({
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
  prefer: () => client.ask("preference.set", { room, notify: "nothing", starred: true }),
  members: () => client.ask("member.list", { room }),
  "list bans": () => client.ask("member.bans", { room }),
  "become a member": () => client.ask("member.add", { room }),
  invite: () => client.ask("member.add", { room, user: "carol", role: "owner" }),
  "leave as a member": () => client.ask("member.remove", { room }),
  remove: () => client.ask("member.remove", { room, user: "bob", ban: true }),
  "lift a ban": () => client.ask("member.remove", { room, user: "alice", ban: false }),
  mute: () => client.ask("member.change", { room, user: "bob", muteSeconds: 60 }),
  type: () => client.ask("typing.start", { room }),
  "stop typing": () => client.ask("typing.stop", { room }),
  "find its people": () => client.ask("people.find", { query: "", room }),
});

describe.each(HIDDEN)("a hidden room: %s", (_, outsider, createHidden) => {
  test("refuses every command like a room that does not exist, by id and by number", async () => {
    const { room, message } = await createHidden();
    const client = await open(outsider);
    const refusal = { code: "ROOM_INVALID", message: ERRORS.ROOM_INVALID.message };
    for (const [hidden, unknown] of [
      [room.id, UNKNOWN_ROOM],
      [room.number, 999_999],
      [String(room.number), "999999"],
    ] as const) {
      const [onHidden, onUnknown] = [commandsOn(client, hidden, message), commandsOn(client, unknown, message)];
      for (const name of Object.keys(onHidden) as (keyof typeof onHidden)[]) {
        expect((await onHidden[name]()).error, name).toEqual(refusal);
        expect((await onUnknown[name]()).error, `${name}, for an unknown room`).toEqual(refusal);
      }
    }
    const { epoch } = await client.do("room.list", {});
    const resumed = await client.do("resume", { epoch, rooms: { [room.id]: 0, [UNKNOWN_ROOM]: 0 } });
    expect(resumed.rooms).toEqual({ [room.id]: { gone: true }, [UNKNOWN_ROOM]: { gone: true } });
  });

  test("is in no list and no search result", async () => {
    const { room, insider } = await createHidden();
    const { found: premise } = await insider.do("message.search", { query: WORD });
    expect(premise.some((hit) => hit.room.id === room.id)).toBe(true);
    const client = await open(outsider);
    expect((await client.do("room.list", {})).rooms.map(({ id }) => id)).not.toContain(room.id);
    const { found } = await client.do("message.search", { query: `${WORD} ${WORD.slice(0, 4)}*`, limit: 50 });
    expect(found.map((hit) => hit.room.id)).not.toContain(room.id);
    const refusalIn = async (name: string) => {
      const { code, message } = await client.refusal("message.search", { query: `${WORD} in:"${name}"` });
      return [code, message.replaceAll(name, "…")];
    };
    for (const name of [room.id, String(room.number)]) expect(await refusalIn(name)).toEqual(await refusalIn("999999"));
  });

  test("delivers none of its events to the user", async () => {
    const { room, message, insider } = await createHidden();
    const client = await open(outsider);
    const address = { room: room.id, message };
    await insider.do("message.edit", { ...address, body: `${WORD} again, @${outsider}` });
    await insider.do("reaction.add", { ...address, emoji: "👍" });
    await insider.do("typing.start", { room: room.id });
    await insider.do("presence.set", { status: "busy", text: "with ivy" });
    await insider.do("message.delete", address);
    await insider.fence();
    await client.fence();
    expect(JSON.stringify(client.received)).not.toContain(room.id);
  });

  test("is refused over the classic protocol", async () => {
    const { room } = await createHidden();
    const { cookie } = await chat.session(outsider);
    const classic = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie, fenceRoom: 1 }).settled();
    openClients.push(classic);
    classic.send({ command: "join", room: room.number });
    // The classic protocol has a code of its own for staff-only rooms.
    expect(await classic.gets(1)).toEqual([{ error: room.staffOnly ? "ROOM_ACCESS_DENIED" : "ROOM_INVALID" }]);
  });
});

describe("presence", () => {
  test("is visible to users who share a room; for others, the user does not exist", async () => {
    const staffChat = await TestChat.start({ people: PEOPLE, rooms: [{ title: "Staff", staffOnly: true }] });
    try {
      const connect = async (username: string) => {
        const client = await ChatClient.open(staffChat, username);
        openClients.push(client);
        return client;
      };
      const [alice, bob, sara] = [await connect("alice"), await connect("bob"), await connect("sara")];
      const ids = await Promise.all([alice, bob, sara].map(async (client) => (await client.do("room.list", {})).me.id));
      const presencesFor = async (client: ChatClient) =>
        (await client.do("presence.list", { users: [...ids, UNKNOWN_ROOM] })).presences.map(({ user }) => user);
      expect(await presencesFor(alice), "only the user themselves").toEqual([ids[0]]);
      expect(await presencesFor(sara)).toEqual([ids[2]]);
      await staffChat.changePerson("bob", { staff: true });
      await bob.event("me.changed");
      expect(await presencesFor(bob), "both are in the staff room").toEqual([ids[1], ids[2]]);
      expect(await presencesFor(sara)).toEqual([ids[1], ids[2]]);
      const { room } = await alice.do("direct.open", { user: "sara" });
      expect(await presencesFor(alice)).toEqual([ids[0], ids[2]]);
      await sara.join(room.id);
      await alice.join(room.id);
      await bob.do("presence.set", { status: "busy" });
      await sara.do("presence.set", { status: "busy" });
      await alice.event("presence.changed", (event) => event.user === ids[2] && event.status === "busy");
      await alice.fence();
      expect(alice.events.some((event) => event.on === "presence.changed" && event.user === ids[1])).toBe(false);
    } finally {
      await staffChat.close();
    }
  });
});

describe("finding people", () => {
  test("matches a prefix of the username in any case, and in a room only users who can see it", async () => {
    const bob = await open("bob");
    const room = await createRoom(bob, { private: true });
    await bob.do("member.add", { room: room.id, user: "carol" });
    const names = async (query: string, filter: object = {}) =>
      (await bob.do("people.find", { query, ...filter })).people.map(({ username }) => username);
    expect(await names("CA")).toEqual(["carol"]);
    expect(await names("")).toEqual(["admin", "alice", "bob", "carol", "sara"]);
    expect(await names("", { room: room.id })).toEqual(["bob", "carol"]);
    expect(await names("a", { room: room.id })).toEqual([]);
    expect(await names("nobody")).toEqual([]);
  });

  test("finds new usernames at once, and deactivated accounts no longer", async () => {
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
