import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TestShell } from "../cli/test-terminal.ts";
import type { ChatClient } from "../support/chat-client.ts";
import type { ClassicClient } from "../support/classic-client.ts";
import { ServerPair } from "../support/server-pair.ts";

let pair: ServerPair;
beforeAll(async () => {
  pair = await ServerPair.start();
});
afterAll(() => pair?.stop());

const sockets: (ChatClient | ClassicClient)[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function chat(at: "a" | "b", username: string): Promise<ChatClient> {
  const socket = await pair.chat(pair[at], username);
  sockets.push(socket);
  return socket;
}

async function classic(at: "a" | "b", username: string, room: number): Promise<ClassicClient> {
  const socket = await pair.classic(pair[at], username);
  sockets.push(socket);
  socket.send({ command: "join", room });
  await socket.until(() => socket.received.some((got) => (got as { join?: string }).join === String(room)));
  socket.received.splice(0);
  return socket;
}

/** Creates a room at the first server, and waits until the second knows it. */
async function createRoom(title: string): Promise<{ id: string; number: number }> {
  const observer = await chat("b", "sara");
  const { room: created } = (await pair.request(pair.a, "admin", "POST", "/rooms", { title })) as {
    room: { id: string; number: number };
  };
  await observer.event("room.listed", ({ entry }) => entry.id === created.id);
  return created;
}

const messagesOf = (socket: ClassicClient, type = 0): unknown[] =>
  socket.received.filter((got) => (got as { msg_type?: number }).msg_type === type);

const bodiesOf = (socket: ChatClient): unknown[] =>
  socket.events.flatMap((event) => (event.on === "message.posted" ? [event.message.body] : []));

/** Makes a change and waits until its effect arrives. */
async function awaitEffect(change: () => Promise<unknown>, effect: () => Promise<unknown>): Promise<void> {
  await change();
  await effect();
}

test("both servers are ready, with a working layer", async () => {
  for (const server of [pair.a, pair.b]) {
    const ready = await fetch(`${server.url}/readyz`);
    expect(await ready.json()).toMatchObject({ status: "ok", checks: { database: "ok", layer: "ok" } });
  }
});

test("messages posted on one server arrive on the other in both protocols, once and in order", async () => {
  const { number } = await createRoom("Across servers");
  const sender = await chat("a", "alice");
  const [receiver, page] = [await chat("b", "bob"), await classic("b", "bob", number)];
  await sender.join(number);
  await receiver.join(number);
  const posted = Array.from({ length: 50 }, (_, n) => `number ${n}`);
  for (const body of posted) sender.begin("message.send", { room: number, clientId: crypto.randomUUID(), body });
  await receiver.until(() => bodiesOf(receiver).length >= posted.length);
  await page.until(() => messagesOf(page).length >= posted.length);
  await Promise.all([receiver.fence(), page.fence()]);
  expect(bodiesOf(receiver)).toEqual(posted);
  expect(messagesOf(page)).toEqual(
    posted.map((message) => ({ msg_type: 0, room: number, username: "alice", message })),
  );
});

test("entering and leaving on one server is announced on the other", async () => {
  const { number } = await createRoom("Entering and leaving");
  const page = await classic("b", "bob", number);
  const other = await classic("a", "alice", number);
  await page.until(() => messagesOf(page, 4).length === 1);
  other.close();
  await page.until(() => messagesOf(page, 5).length === 1);
  expect(page.received).toEqual([
    { msg_type: 4, room: number, username: "alice" },
    { msg_type: 5, room: number, username: "alice" },
  ]);
});

test("the room list follows changes on the other server", async () => {
  const alice = await chat("b", "alice");
  const { id } = await createRoom("Listed");
  await alice.event("room.listed", ({ entry }) => entry.id === id && entry.title === "Listed");
  await pair.request(pair.a, "admin", "PATCH", `/rooms/${id}`, { title: "Renamed" });
  await alice.event("room.listed", ({ entry }) => entry.id === id && entry.title === "Renamed");
});

test("a room that is closed or deleted on one server is lost on the other, in both protocols", async () => {
  const [closed, deleted] = [await createRoom("To be closed"), await createRoom("To be deleted")];
  for (const { id, number, change, error } of [
    {
      ...closed,
      change: () => pair.request(pair.a, "admin", "PATCH", `/rooms/${closed.id}`, { staffOnly: true }),
      error: "ROOM_ACCESS_DENIED",
    },
    {
      ...deleted,
      change: () => pair.request(pair.a, "admin", "DELETE", `/rooms/${deleted.id}`),
      error: "ROOM_INVALID",
    },
  ]) {
    const alice = await chat("b", "alice");
    const bob = await classic("b", "bob", number);
    await alice.join(number);
    await awaitEffect(change, () =>
      Promise.all([
        alice.event("room.unlisted", ({ room: lost }) => lost === id),
        bob.until(() => bob.received.length >= 2),
      ]),
    );
    await bob.fence();
    expect(bob.received.filter((got) => !("msg_type" in (got as object)))).toEqual([
      { error },
      { leave: String(number) },
    ]);
    expect((await alice.refusal("history.page", { room: id })).code).toBe("ROOM_INVALID");
  }
});

test("sign-out, loss of staff status and deactivation on one server apply on the other", async () => {
  await pair.request(pair.a, "admin", "POST", "/people", { username: "carol", password: "the password of carol" });
  await pair.request(pair.a, "admin", "POST", "/people", { username: "dora", password: "the password of dora" });
  await pair.changePerson(pair.a, "dora", { staff: true });
  const [carol, dora] = [await chat("b", "carol"), await chat("b", "dora")];
  const { room: office } = await dora.join(3);
  await awaitEffect(
    () => pair.changePerson(pair.a, "dora", { staff: false }),
    () => dora.event("room.unlisted", ({ room: lost }) => lost === office.id),
  );
  await awaitEffect(
    () => pair.request(pair.a, "carol", "POST", "/auth/sign-out", {}),
    async () => expect(await carol.closed()).toBe(4200),
  );
  await awaitEffect(
    () => pair.changePerson(pair.a, "dora", { active: false }),
    async () => expect(await dora.closed()).toBe(4201),
  );
});

test("a notice from any sender reaches every classic client once", async () => {
  const { number } = await createRoom("Noticed");
  const pages = [await classic("a", "alice", number), await classic("b", "bob", number)];
  const observers = [await chat("a", "sara"), await chat("b", "sara")];
  const shell = TestShell.beside(pair.dataDir);
  for (const page of pages) page.received.splice(0);
  await shell.must(["notice", "--room", String(number), "--kind", "alert", "Closing time"]);
  await pair.request(pair.a, "sara", "POST", `/rooms/${number}/notices`, { kind: "warning", text: "Last round" });
  await pair.request(pair.b, "sara", "POST", `/rooms/${number}/notices`, { kind: "muted", text: "Lights out" });
  // A server announces this room after it has read all earlier changes.
  await shell.must(["room", "create", "The end"]);
  await shell.close();
  for (const socket of observers) await socket.event("room.listed", ({ entry }) => entry.title === "The end");
  for (const page of pages) {
    await page.until(() => [1, 2, 3].every((type) => messagesOf(page, type).length > 0));
    await page.fence();
    expect(messagesOf(page, 2)).toEqual([{ msg_type: 2, room: number, username: "", message: "Closing time" }]);
    expect(messagesOf(page, 1)).toEqual([{ msg_type: 1, room: number, username: "sara", message: "Last round" }]);
    expect(messagesOf(page, 3)).toEqual([{ msg_type: 3, room: number, username: "sara", message: "Lights out" }]);
  }
});
