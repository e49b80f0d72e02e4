import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccounts } from "../../../src/accounts/open-accounts.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat, testConfig } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

/** Opens the same database as another process would: the command line or a second server. */
async function openOtherProcess(chat: TestChat) {
  const config = testConfig(chat.dataDir);
  const store = await openSqliteStore({ file: config.databaseFile });
  const accounts = await openAccounts({ store: store.people, config, logger: pino({ level: "silent" }) });
  const idOf = async (username: string): Promise<string> => (await accounts.find(username))?.id ?? "";
  return {
    store,
    accounts,
    idOf,
    roomId: async (number: number): Promise<string> => (await store.rooms.find(number))?.id ?? "",
    close: async (): Promise<void> => {
      await accounts.close();
      await store.close();
    },
  };
}

let chat: TestChat;
let other: Awaited<ReturnType<typeof openOtherProcess>>;
beforeEach(async () => {
  chat = await TestChat.start();
  other = await openOtherProcess(chat);
});
afterEach(async () => {
  await other.close();
  await chat.close();
});

/** Commits a change and waits until its effect arrives. */
async function awaitEffect(change: () => Promise<unknown>, effect: () => Promise<unknown>): Promise<void> {
  await change();
  await effect();
}

test("a room made staff-only by another process is lost through both APIs", async () => {
  const { cookie } = await chat.session("bob");
  const alice = await ChatClient.open(chat, "alice");
  const bob = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  const { room } = await alice.join(1);
  bob.send({ command: "join", room: 1 });
  await bob.gets(1);
  await awaitEffect(
    () => other.store.rooms.change({ room: room.id, changes: { staffOnly: true }, by: null }),
    async () => {
      await alice.event("room.unlisted", ({ room: id }) => id === room.id);
      await bob.until(() => bob.received.length >= 2);
    },
  );
  expect(await bob.gets(2, [])).toEqual([{ error: "ROOM_ACCESS_DENIED" }, { leave: "1" }]);
  expect((await alice.refusal("message.send", { room: 1, clientId: "late", body: "x" })).code).toBe("ROOM_INVALID");
  expect((await alice.refusal("history.page", { room: 1 })).code).toBe("ROOM_INVALID");
  for (const client of [alice, bob]) client.close();
});

test("a room deleted by another process is lost", async () => {
  const alice = await ChatClient.open(chat, "alice");
  const { room } = await alice.join(1);
  await awaitEffect(
    () => other.store.rooms.delete({ room: room.id, by: null }),
    () => alice.event("room.unlisted", ({ room: id }) => id === room.id),
  );
  expect((await alice.refusal("room.join", { room: room.id })).code).toBe("ROOM_INVALID");
  alice.close();
});

test("a room created by another process is listed", async () => {
  const alice = await ChatClient.open(chat, "alice");
  await awaitEffect(
    () => other.store.rooms.create({ title: "From the command line", by: null }),
    () => alice.event("room.listed", ({ entry }) => entry.title === "From the command line"),
  );
  alice.close();
});

test("a notice posted by another process is delivered", async () => {
  const alice = await ChatClient.open(chat, "alice");
  const { room } = await alice.join(1);
  const accessVersion = (await other.store.rooms.find(1))?.accessVersion ?? 0;
  await awaitEffect(
    () =>
      other.store.messages.append({
        room: room.id,
        accessVersion,
        author: null,
        clientId: "notice",
        kind: "alert",
        body: "closing time",
      }),
    () => alice.event("message.posted", ({ message }) => message.body === "closing time"),
  );
  alice.close();
});

test("loss of staff status, deactivation and sign-out by another process apply here", async () => {
  const [sara, alice, bob] = [
    await ChatClient.open(chat, "sara"),
    await ChatClient.open(chat, "alice"),
    await ChatClient.open(chat, "bob"),
  ];
  const { room } = await sara.join(3);
  await awaitEffect(
    async () => other.accounts.change(await other.idOf("sara"), { staff: false }),
    () => sara.event("room.unlisted", ({ room: id }) => id === room.id),
  );
  expect((await sara.refusal("history.page", { room: 3 })).code).toBe("ROOM_INVALID");
  await awaitEffect(
    async () => other.accounts.change(await other.idOf("alice"), { active: false }),
    async () => expect([4200, 4201]).toContain(await alice.closed()),
  );
  const { cookie } = await chat.session("alice");
  expect((await new ChatClient(chat.socketUrl, { cookie }).settled()).refused).toBe(401);
  await awaitEffect(
    async () => other.accounts.revokeAll(await other.idOf("bob")),
    async () => expect(await bob.closed()).toBe(4200),
  );
  sara.close();
});

test("members added, removed and banned, and rooms closed, by another process apply here", async () => {
  const [alice, bob, sara] = [
    await ChatClient.open(chat, "alice"),
    await ChatClient.open(chat, "bob"),
    await ChatClient.open(chat, "sara"),
  ];
  const by = async (username: string) => ({ id: await other.idOf(username), username });
  const [asAlice, asBob] = [await by("alice"), await by("bob")];
  const { room } = await other.store.rooms.create({ title: "Elsewhere", private: true, by: asAlice });
  await alice.event("room.listed", ({ entry }) => entry.id === room.id);
  await alice.join(room.id);
  await awaitEffect(
    () => other.store.members.add({ room: room.id, user: asBob, role: "member", by: asAlice }),
    () => bob.event("room.listed", ({ entry }) => entry.id === room.id),
  );
  await alice.event("member.joined", ({ user }) => user.username === "bob");
  await bob.join(room.id);
  await awaitEffect(
    () => other.store.members.remove({ room: room.id, user: asBob, by: asAlice }),
    () => bob.event("room.unlisted", ({ room: id }) => id === room.id),
  );
  await alice.say(room.id, "between us");
  await bob.fence();
  expect(JSON.stringify(bob.received)).not.toContain("between us");
  await sara.fence();
  expect(JSON.stringify(sara.received), "other users receive nothing of a private room").not.toContain(room.id);

  const { room: open } = await bob.join(1);
  await sara.join(1);
  await awaitEffect(
    () => other.store.members.remove({ room: open.id, user: asBob, ban: true, by: null }),
    () => bob.event("room.unlisted", ({ room: id }) => id === open.id),
  );
  await awaitEffect(
    () => other.store.rooms.change({ room: open.id, changes: { kind: "private" }, by: null }),
    () => sara.event("room.unlisted", ({ room: id }) => id === open.id),
  );
  expect((await sara.refusal("history.page", { room: 1 })).code).toBe("ROOM_INVALID");
  for (const client of [alice, bob, sara]) client.close();
});
