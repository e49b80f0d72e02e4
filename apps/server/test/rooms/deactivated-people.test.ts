import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";

let chat: TestChat;
const openClients: { close(): void }[] = [];
beforeAll(async () => {
  const people = [{ username: "admin", staff: true, superuser: true }, { username: "alice" }, { username: "bob" }];
  chat = await TestChat.start({ people, env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
});
afterAll(() => chat.close());
afterEach(async () => {
  await chat.changePerson("bob", { active: true });
  for (const client of openClients.splice(0)) client.close();
});

async function open(username: string): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  openClients.push(client);
  return client;
}

async function openDirect(client: ChatClient): Promise<string> {
  const { room } = await client.do("direct.open", { user: "bob" });
  await client.join(room.id);
  return room.id;
}

const message = (room: string, more: object = {}) => ({ room, clientId: crypto.randomUUID(), body: "hello", ...more });

describe("nothing is written to a deactivated account", () => {
  test("a direct message, a reply, an edit, a reaction and typing are refused with the reason, until it is active", async () => {
    const alice = await open("alice");
    const room = await openDirect(alice);
    const { message: first } = await alice.say(room, "before");
    await chat.changePerson("bob", { active: false });
    for (const refusal of [
      await alice.refusal("message.send", message(room)),
      await alice.refusal("message.send", message(room, { replyTo: first.id })),
      await alice.refusal("message.edit", { room, message: first.id, body: "after" }),
      await alice.refusal("reaction.add", { room, message: first.id, emoji: "👍" }),
      await alice.refusal("typing.start", { room }),
    ]) {
      expect(refusal.code).toBe("PERSON_DEACTIVATED");
    }
    const overHttp = await chat.api("alice", "POST", `/api/rooms/${room}/messages`, message(room));
    expect(overHttp.status).toBe(409);
    await alice.do("message.delete", { room, message: first.id });
    await chat.changePerson("bob", { active: true });
    await alice.do("message.send", message(room));
  });

  test("the conversation says so, on open connections too, and stays readable", async () => {
    const alice = await open("alice");
    const room = await openDirect(alice);
    await alice.say(room, "before");
    const bobOf = async () => (await alice.do("room.list", {})).rooms.find(({ id }) => id === room)?.people;
    const changed = (deactivated: true | undefined) =>
      alice.event(
        "room.listed",
        (event) => event.entry.people.find(({ username }) => username === "bob")?.deactivated === deactivated,
      );
    await chat.changePerson("bob", { active: false });
    await changed(true);
    expect(await bobOf()).toContainEqual(expect.objectContaining({ username: "bob", deactivated: true }));
    expect((await alice.do("history.page", { room })).messages.length).toBeGreaterThan(0);
    await chat.changePerson("bob", { active: true });
    await changed(undefined);
    expect(await bobOf()).not.toContainEqual(expect.objectContaining({ deactivated: true }));
  });

  test("a retry of a message that was accepted before still succeeds", async () => {
    const alice = await open("alice");
    const sent = message(await openDirect(alice));
    const first = await alice.do("message.send", sent);
    await chat.changePerson("bob", { active: false });
    expect((await alice.do("message.send", sent)).message.id).toBe(first.message.id);
  });

  test("it cannot be added to a room, nor written to again, by id or name, and is not found", async () => {
    const admin = await open("admin");
    const { room } = await admin.do("room.create", {
      clientId: crypto.randomUUID(),
      title: "Allotment",
      private: true,
    });
    const [bob] = (await admin.do("people.find", { query: "bob" })).people;
    await chat.changePerson("bob", { active: false });
    for (const user of [bob?.id ?? "", "bob", "BOB"]) {
      expect((await admin.refusal("member.add", { room: room.id, user })).code).toBe("PERSON_DEACTIVATED");
      expect((await admin.refusal("direct.open", { user })).code).toBe("PERSON_DEACTIVATED");
    }
    expect((await admin.do("people.find", { query: "bo" })).people).toEqual([]);
  });

  test("rooms with other readers are not affected", async () => {
    const alice = await open("alice");
    const admin = await open("admin");
    const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title: "Allotment" });
    await admin.do("member.add", { room: room.id, user: "bob" });
    await chat.changePerson("bob", { active: false });
    await alice.join(room.id);
    await alice.do("message.send", message(room.id));
  });
});

describe("a deleted message takes no reply, edit, reaction or pin", () => {
  test("on the socket and over HTTP; a retry of an accepted reply still succeeds", async () => {
    const admin = await open("admin");
    const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title: "Allotment" });
    await admin.join(room.id);
    const { message: quoted } = await admin.say(room.id, "deleted soon");
    const reply = message(room.id, { replyTo: quoted.id });
    const replied = await admin.do("message.send", reply);
    await admin.do("message.delete", { room: room.id, message: quoted.id });
    const ref = { room: room.id, message: quoted.id };
    for (const refusal of [
      await admin.refusal("message.send", message(room.id, { replyTo: quoted.id })),
      await admin.refusal("message.send", message(room.id, { replyTo: crypto.randomUUID() })),
      await admin.refusal("message.edit", { ...ref, body: "edited" }),
      await admin.refusal("reaction.add", { ...ref, emoji: "👍" }),
      await admin.refusal("reaction.remove", { ...ref, emoji: "👍" }),
      await admin.refusal("message.pin", ref),
      await admin.refusal("message.unpin", ref),
    ]) {
      expect(refusal.code).toBe("MESSAGE_NOT_FOUND");
    }
    const overHttp = message(room.id, { replyTo: quoted.id });
    expect((await chat.api("admin", "POST", `/api/rooms/${room.id}/messages`, overHttp)).status).toBe(404);
    expect((await admin.do("message.send", reply)).message.id).toBe(replied.message.id);
  });
});
