import { ERRORS } from "@multichat/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

const UNKNOWN_ROOM = "01900000-0000-7000-8000-000000000000";

let chat: TestChat;
let secret: { id: string; lastSeq: number };
const openClients: { close(): void }[] = [];

beforeEach(async () => {
  chat = await TestChat.start();
  const admin = await open("admin");
  const { room } = await admin.join(3);
  await admin.say(3, "for staff");
  secret = { id: room.id, lastSeq: room.lastSeq };
});
afterEach(async () => {
  for (const client of openClients.splice(0)) client.close();
  await chat.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  openClients.push(client);
  return client;
}

async function openClassic(username: string): Promise<ClassicClient> {
  const { cookie } = await chat.session(username);
  const client = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  openClients.push(client);
  return client;
}

/** Every command that addresses a room. */
const commandsOn = (client: ChatClient, room: string | number) => [
  () => client.ask("room.join", { room }),
  () => client.ask("room.join", { room, since: 0 }),
  () => client.ask("room.leave", { room }),
  () => client.ask("message.send", { room, clientId: crypto.randomUUID(), body: "let me in" }),
  () => client.ask("history.page", { room }),
  () => client.ask("history.page", { room, after: 0, limit: 1 }),
  () => client.ask("room.read", { room, seq: 1 }),
];

/** Expects that no command reaches the room or reveals that it exists. */
async function expectNoAccess(client: ChatClient): Promise<void> {
  const { rooms, epoch } = await client.do("room.list", {});
  expect(rooms.map(({ id }) => id)).not.toContain(secret.id);
  for (const [hidden, unknown] of [
    [secret.id, UNKNOWN_ROOM],
    [3, 999],
    ["3", "999"],
  ] as const) {
    for (const [index, command] of commandsOn(client, hidden).entries()) {
      const { error } = await command();
      expect(error).toEqual({ code: "ROOM_INVALID", message: ERRORS.ROOM_INVALID.message });
      expect(error, "as for a room that does not exist").toEqual((await commandsOn(client, unknown)[index]?.())?.error);
    }
  }
  const resumed = await client.do("resume", { epoch, rooms: { [secret.id]: 0, [UNKNOWN_ROOM]: 0 } });
  expect(resumed.rooms).toEqual({ [secret.id]: { gone: true }, [UNKNOWN_ROOM]: { gone: true } });
}

async function expectAccess(client: ChatClient): Promise<void> {
  const { rooms, epoch } = await client.do("room.list", {});
  expect(rooms.map(({ id }) => id)).toContain(secret.id);
  await client.join(3);
  await client.say(3, "here I am");
  expect((await client.do("history.page", { room: 3 })).messages.length).toBeGreaterThan(0);
  expect((await client.do("resume", { epoch, rooms: { [secret.id]: 0 } })).rooms[secret.id]).toMatchObject({
    room: { id: secret.id },
  });
}

/** Posts a message to the room, and expects that the client does not receive it although a member does. */
async function expectNotReceived(client: ChatClient): Promise<void> {
  const admin = await open("admin");
  await admin.join(secret.id);
  const { message } = await admin.say(secret.id, "not for everyone");
  await admin.event("message.posted", ({ message: { id } }) => id === message.id);
  await client.fence();
  expect(JSON.stringify(client.received)).not.toContain(message.id);
}

describe("a staff-only room", () => {
  test("refuses a connection without a session", async () => {
    expect((await new ChatClient(chat.socketUrl).settled()).refused).toBe(401);
  });
  test("does not exist for an ordinary user", async () => {
    await expectNoAccess(await open("alice"));
  });
  test.each(["sara", "admin"])("is open to %s", async (username) => {
    await expectAccess(await open(username));
  });
  test("publishes no change or deletion to an ordinary user", async () => {
    const alice = await open("alice");
    await chat.changeRoom(3, { title: "Still secret" });
    await chat.deleteRoom(3);
    await alice.fence();
    expect(alice.received.filter((got) => JSON.stringify(got).includes(secret.id))).toEqual([]);
    expect(alice.events).toEqual([]);
  });
});

describe("losing access", () => {
  /** Makes a change and waits until its effect arrives. */
  const awaitEffect = async <T>(change: () => Promise<T>, effect: () => Promise<unknown>): Promise<T> => {
    const result = await change();
    await effect();
    return result;
  };

  test("evicts members when a room becomes staff-only, and announces that they left", async () => {
    await chat.changeRoom(3, { staffOnly: false });
    const [alice, sara] = [await open("alice"), await open("sara")];
    await sara.join(3);
    await expectAccess(alice);
    await sara.named("entered", "alice");
    await awaitEffect(
      () => chat.changeRoom(3, { staffOnly: true }),
      () => alice.event("room.unlisted", ({ room }) => room === secret.id),
    );
    await sara.named("exited", "alice");
    expect(
      alice.events.some((event) => event.on === "room.changed" && event.changes.staffOnly === true),
      "the reason stays hidden",
    ).toBe(false);
    await expectNotReceived(alice);
    await expectNoAccess(alice);
    await chat.changeRoom(3, { staffOnly: false });
    await alice.event("room.listed", ({ entry }) => entry.id === secret.id);
  });

  test("unlists a room that becomes staff-only for users who had not joined it", async () => {
    await chat.changeRoom(3, { staffOnly: false });
    const alice = await open("alice");
    expect((await alice.do("room.list", {})).rooms.map(({ id }) => id)).toContain(secret.id);
    await chat.changeRoom(3, { staffOnly: true });
    await alice.event("room.unlisted", ({ room }) => room === secret.id);
    await chat.changeRoom(3, { title: "Renamed for staff only" });
    await alice.fence();
    expect(JSON.stringify(alice.received)).not.toContain("for staff only");
    expect(alice.events.filter(({ on }) => on === "room.unlisted")).toHaveLength(1);
  });

  test("by deletion of the room", async () => {
    const [sara, alice] = [await open("sara"), await open("alice")];
    await expectAccess(sara);
    await awaitEffect(
      () => chat.deleteRoom(3),
      () => sara.event("room.unlisted", ({ room }) => room === secret.id),
    );
    await expectNoAccess(sara);
    await alice.fence();
    expect(alice.events).toEqual([]);
  });

  test("by loss of staff status", async () => {
    const sara = await open("sara");
    await expectAccess(sara);
    await awaitEffect(
      () => chat.changePerson("sara", { staff: false }),
      () => sara.event("room.unlisted", ({ room }) => room === secret.id),
    );
    expect(await sara.event("me.changed")).toMatchObject({ me: { username: "sara", staff: false } });
    await expectNotReceived(sara);
    await expectNoAccess(sara);
    await chat.changePerson("sara", { staff: true });
    await sara.event("room.listed", ({ entry }) => entry.id === secret.id);
    await expectAccess(sara);
  });

  test("by deactivation closes both protocols and refuses new connections", async () => {
    const [sara, classic] = [await open("sara"), await openClassic("sara")];
    await expectAccess(sara);
    const [chatCode, classicCode] = await awaitEffect(
      () => chat.changePerson("sara", { active: false }).then(() => Promise.all([sara.closed(), classic.closed()])),
      async () => {},
    );
    expect([4200, 4201]).toContain(chatCode);
    expect(classicCode).toBe(4200);
    const { cookie } = await chat.session("sara");
    expect((await new ChatClient(chat.socketUrl, { cookie }).settled()).refused).toBe(401);
  });

  test("by sign-out closes the session's connections with 4200, and no others", async () => {
    const { cookie } = await chat.signIn("alice");
    const other = await new ChatClient(chat.socketUrl, { cookie }).settled();
    openClients.push(other);
    const alice = await open("alice");
    await awaitEffect(
      () => chat.api("alice", "POST", "/api/auth/sign-out"),
      async () => expect(await alice.closed()).toBe(4200),
    );
    await other.fence();
    expect(other.isOpen).toBe(true);
  });

  test("by a new password ends all sessions", async () => {
    const alice = await open("alice");
    await awaitEffect(
      () => chat.changePerson("alice", { password: "a new and long password" }),
      async () => expect(await alice.closed()).toBe(4200),
    );
  });
});

test("messages carry a new username from the change on", async () => {
  const [alice, bob] = [await open("alice"), await open("bob")];
  await alice.join(1);
  await bob.join(1);
  await chat.changePerson("alice", { username: "alicia" });
  expect(await alice.event("me.changed")).toMatchObject({ me: { username: "alicia" } });
  await alice.say(1, "it is me");
  const posted = await bob.event("message.posted");
  expect(posted.message.author?.username).toBe("alicia");
});

test("a new room is listed at once for everybody who can see it", async () => {
  const [alice, sara] = [await open("alice"), await open("sara")];
  await chat.api("admin", "POST", "/api/rooms", { title: "New and open" });
  await chat.api("admin", "POST", "/api/rooms", { title: "New and closed", staffOnly: true });
  await sara.event("room.listed", ({ entry }) => entry.title === "New and closed");
  await alice.event("room.listed", ({ entry }) => entry.title === "New and open");
  await alice.fence();
  expect(JSON.stringify(alice.received)).not.toContain("New and closed");
});
