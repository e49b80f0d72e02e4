import { ERRORS } from "@multichat/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";

const NOWHERE = "01900000-0000-7000-8000-000000000000";

let chat: TestChat;
let secret: { id: string; lastSeq: number };
const opened: { close(): void }[] = [];

beforeEach(async () => {
  chat = await TestChat.start();
  const admin = await open("admin");
  const { room } = await admin.join(3);
  await admin.say(3, "for staff");
  secret = { id: room.id, lastSeq: room.lastSeq };
});
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await chat.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  opened.push(client);
  return client;
}

async function openClassic(username: string): Promise<ClassicClient> {
  const { cookie } = await chat.session(username);
  const client = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  opened.push(client);
  return client;
}

/** Every way to ask for a room on the socket. */
const ways = (client: ChatClient, room: string | number) => [
  () => client.ask("room.join", { room }),
  () => client.ask("room.join", { room, since: 0 }),
  () => client.ask("room.leave", { room }),
  () => client.ask("message.send", { room, clientId: crypto.randomUUID(), body: "let me in" }),
  () => client.ask("history.page", { room }),
  () => client.ask("history.page", { room, after: 0, limit: 1 }),
  () => client.ask("room.read", { room, seq: 1 }),
];

/** Nothing of the room can be got at, and nothing tells that there is one. */
async function expectOutside(client: ChatClient): Promise<void> {
  const { rooms, epoch } = await client.do("room.list", {});
  expect(rooms.map(({ id }) => id)).not.toContain(secret.id);
  for (const [there, nowhere] of [
    [secret.id, NOWHERE],
    [3, 999],
    ["3", "999"],
  ] as const) {
    for (const [index, way] of ways(client, there).entries()) {
      const { error } = await way();
      expect(error).toEqual({ code: "ROOM_INVALID", message: ERRORS.ROOM_INVALID.message });
      expect(error, "as for a room that was never made").toEqual((await ways(client, nowhere)[index]?.())?.error);
    }
  }
  const resumed = await client.do("resume", { epoch, rooms: { [secret.id]: 0, [NOWHERE]: 0 } });
  expect(resumed.rooms).toEqual({ [secret.id]: { gone: true }, [NOWHERE]: { gone: true } });
}

async function expectInside(client: ChatClient): Promise<void> {
  const { rooms, epoch } = await client.do("room.list", {});
  expect(rooms.map(({ id }) => id)).toContain(secret.id);
  await client.join(3);
  await client.say(3, "here I am");
  expect((await client.do("history.page", { room: 3 })).messages.length).toBeGreaterThan(0);
  expect((await client.do("resume", { epoch, rooms: { [secret.id]: 0 } })).rooms[secret.id]).toMatchObject({
    room: { id: secret.id },
  });
}

/** The room says something; whoever is in it hears it, so whoever has not heard it afterwards does not. */
async function expectDeaf(client: ChatClient): Promise<void> {
  const admin = await open("admin");
  await admin.join(secret.id);
  const { message } = await admin.say(secret.id, "who hears this?");
  await admin.event("message.posted", ({ message: { id } }) => id === message.id);
  await client.fence();
  expect(JSON.stringify(client.received)).not.toContain(message.id);
}

describe("a staff-only room", () => {
  test("an outsider has no connection to ask on", async () => {
    expect((await new ChatClient(chat.socketUrl).settled()).refused).toBe(401);
  });
  test("does not exist for an ordinary user", async () => {
    await expectOutside(await open("alice"));
  });
  test.each(["sara", "admin"])("is open to %s", async (username) => {
    await expectInside(await open(username));
  });
  test("that is changed or deleted tells an ordinary user nothing", async () => {
    const alice = await open("alice");
    await chat.changeRoom(3, { title: "Still secret" });
    await chat.deleteRoom(3);
    await alice.fence();
    expect(alice.received.filter((got) => JSON.stringify(got).includes(secret.id))).toEqual([]);
    expect(alice.events).toEqual([]);
  });
});

describe("access that is taken away", () => {
  /** Makes a change and waits until its effect arrives. */
  const awaitEffect = async <T>(change: () => Promise<T>, effect: () => Promise<unknown>): Promise<T> => {
    const result = await change();
    await effect();
    return result;
  };

  test("a room that becomes staff-only is gone for who was in it, and the others hear of the leaving", async () => {
    await chat.changeRoom(3, { staffOnly: false });
    const [alice, sara] = [await open("alice"), await open("sara")];
    await sara.join(3);
    await expectInside(alice);
    await awaitEffect(
      () => chat.changeRoom(3, { staffOnly: true }),
      () => alice.event("room.unlisted", ({ room }) => room === secret.id),
    );
    await sara.event("room.exited", ({ user }) => user.username === "alice");
    expect(
      alice.events.some((event) => event.on === "room.changed" && event.changes.staffOnly === true),
      "she is not told why",
    ).toBe(false);
    await expectDeaf(alice);
    await expectOutside(alice);
    await chat.changeRoom(3, { staffOnly: false });
    await alice.event("room.listed", ({ entry }) => entry.id === secret.id);
  });

  test("a room that becomes staff-only goes from the lists of those who were not in it", async () => {
    await chat.changeRoom(3, { staffOnly: false });
    const alice = await open("alice");
    expect((await alice.do("room.list", {})).rooms.map(({ id }) => id)).toContain(secret.id);
    await chat.changeRoom(3, { staffOnly: true });
    await alice.event("room.unlisted", ({ room }) => room === secret.id);
    await chat.changeRoom(3, { title: "Renamed behind closed doors" });
    await alice.fence();
    expect(JSON.stringify(alice.received)).not.toContain("closed doors");
    expect(alice.events.filter(({ on }) => on === "room.unlisted")).toHaveLength(1);
  });

  test("a room that is deleted", async () => {
    const [sara, alice] = [await open("sara"), await open("alice")];
    await expectInside(sara);
    await awaitEffect(
      () => chat.deleteRoom(3),
      () => sara.event("room.unlisted", ({ room }) => room === secret.id),
    );
    await expectOutside(sara);
    await alice.fence();
    expect(alice.events).toEqual([]);
  });

  test("the staff flag", async () => {
    const sara = await open("sara");
    await expectInside(sara);
    await awaitEffect(
      () => chat.changePerson("sara", { staff: false }),
      () => sara.event("room.unlisted", ({ room }) => room === secret.id),
    );
    expect(await sara.event("me.changed")).toMatchObject({ me: { username: "sara", staff: false } });
    await expectDeaf(sara);
    await expectOutside(sara);
    await chat.changePerson("sara", { staff: true });
    await sara.event("room.listed", ({ entry }) => entry.id === secret.id);
    await expectInside(sara);
  });

  test("the account: both doors close, and neither opens again", async () => {
    const [sara, classic] = [await open("sara"), await openClassic("sara")];
    await expectInside(sara);
    const [codeHere, codeThere] = await awaitEffect(
      () => chat.changePerson("sara", { active: false }).then(() => Promise.all([sara.closed(), classic.closed()])),
      async () => {},
    );
    expect([4200, 4201]).toContain(codeHere);
    expect(codeThere).toBe(4200);
    const { cookie } = await chat.session("sara");
    expect((await new ChatClient(chat.socketUrl, { cookie }).settled()).refused).toBe(401);
  });

  test("the session: its sockets close with 4200, those of another session stay", async () => {
    const { cookie } = await chat.signIn("alice");
    const other = await new ChatClient(chat.socketUrl, { cookie }).settled();
    opened.push(other);
    const alice = await open("alice");
    await awaitEffect(
      () => chat.api("alice", "POST", "/api/auth/sign-out"),
      async () => expect(await alice.closed()).toBe(4200),
    );
    await other.fence();
    expect(other.isOpen).toBe(true);
  });

  test("a new password ends all sessions", async () => {
    const alice = await open("alice");
    await awaitEffect(
      () => chat.changePerson("alice", { password: "a new and long password" }),
      async () => expect(await alice.closed()).toBe(4200),
    );
  });
});

test("a new name is on the messages from then on", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  await alice.join(1);
  await bob.join(1);
  await chat.changePerson("alice", { username: "alicia" });
  expect(await alice.event("me.changed")).toMatchObject({ me: { username: "alicia" } });
  await alice.say(1, "it is me");
  const heard = await bob.event("message.posted");
  expect(heard.message.author?.username).toBe("alicia");
});

test("a room that staff make is listed for everybody who may see it, at once", async () => {
  const [alice, sara] = [await open("alice"), await open("sara")];
  await chat.api("admin", "POST", "/api/rooms", { title: "New and open" });
  await chat.api("admin", "POST", "/api/rooms", { title: "New and closed", staffOnly: true });
  await sara.event("room.listed", ({ entry }) => entry.title === "New and closed");
  await alice.event("room.listed", ({ entry }) => entry.title === "New and open");
  await alice.fence();
  expect(JSON.stringify(alice.received)).not.toContain("New and closed");
});
