import { eventually } from "@multichat/channels/testing";
import type { AuditEntry } from "@multichat/protocol";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

const lines: string[] = [];
let chat: TestChat;
beforeAll(async () => {
  const logger = pino({ level: "info" }, { write: (line) => lines.push(line) });
  chat = await TestChat.start({ logger, env: { LIMIT_COMMANDS_PER_SECOND: "20" } });
});
afterAll(() => chat?.close());

async function refusals(): Promise<readonly AuditEntry[]> {
  const { body } = await chat.api("admin", "GET", "/api/audit?action=access.refuse&limit=200");
  return (body as { entries: readonly AuditEntry[] }).entries;
}

/** Waits for an entry that matches: a refusal is answered before its entry is written. */
const expectRecorded = (expected: object): Promise<unknown> =>
  eventually(async () => {
    const found = (await refusals()).find((entry) => matches(entry, expected));
    if (found === undefined) return false;
    const line = lines.map((text) => JSON.parse(text)).find(({ audit }) => audit === `${found.n}:${found.hash}`);
    return line !== undefined;
  });

function matches(actual: unknown, expected: object): boolean {
  try {
    expect(actual).toMatchObject(expected);
    return true;
  } catch {
    return false;
  }
}

test("a refused handshake is recorded: without a session, with a forged one, from another origin, by either protocol", async () => {
  const refused = { outcome: "refused", actor: null, address: "127.0.0.1" };
  const forged = "a-token-that-nobody-has-ever-been-given";
  expect((await new ChatClient(chat.socketUrl).settled()).refused).toBe(401);
  await expectRecorded({ ...refused, target: "GET /ws", details: { code: "USER_HAS_TO_LOGIN" } });
  expect(
    (await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie: `sessionid=${forged}` }).settled()).refused,
  ).toBe(403);
  await expectRecorded({ ...refused, target: "GET /chat/stream/", details: { code: "USER_HAS_TO_LOGIN" } });
  const { cookie } = await chat.session("alice");
  const foreign = await new ChatClient(chat.socketUrl, { cookie, origin: "https://evil.example" }).settled();
  expect(foreign.refused).toBe(403);
  await expectRecorded({ ...refused, details: { code: "ORIGIN_NOT_ALLOWED" } });
  await new ChatClient(chat.socketUrl, { headers: { authorization: `Bearer ${forged}` } }).settled();
  expect(JSON.stringify(await refusals()) + lines.join("")).not.toContain(forged);
});

test("a command that is denied is recorded with its account, its name and its room", async () => {
  const alice = await ChatClient.open(chat, "alice");
  const admin = await ChatClient.open(chat, "admin");
  const staffRoom = (await admin.do("room.list", {})).rooms.find(({ staffOnly }) => staffOnly);
  const by = { outcome: "refused", actor: { username: "alice" }, address: "127.0.0.1" };
  await alice.refusal("room.join", { room: staffRoom?.id ?? "" });
  await expectRecorded({ ...by, target: "room.join", details: { code: "ROOM_INVALID", room: staffRoom?.id } });
  await alice.refusal("message.send", { room: 1, clientId: crypto.randomUUID(), body: "not joined" });
  await expectRecorded({ ...by, target: "message.send", details: { code: "ROOM_ACCESS_DENIED", room: "1" } });
  await alice.refusal("room.create", { title: "Not allowed", clientId: crypto.randomUUID() });
  await expectRecorded({ ...by, target: "room.create", details: { code: "FORBIDDEN" } });
  const { cookie } = await chat.session("alice");
  const classic = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  classic.send({ command: "join", room: 3 });
  await expectRecorded({ ...by, target: "classic join", details: { room: "3" } });
  classic.close();
  admin.close();
  alice.close();
});

test("wrong input is not recorded, and neither is a text in place of a room", async () => {
  const bob = await ChatClient.open(chat, "bob");
  await bob.refusal("room.join", { room: "my password is in here" });
  await bob.refusal("message.send", { room: 1, clientId: "no id", body: "" });
  await bob.fence();
  await eventually(async () => (await refusals()).some(({ actor }) => actor?.username === "bob"));
  const written = JSON.stringify((await refusals()).filter(({ actor }) => actor?.username === "bob"));
  expect(written).not.toContain("my password");
  expect(written).not.toContain("MESSAGE_INVALID");
  bob.close();
});

test("a client that is refused all the time fills neither the audit log nor the server's log", async () => {
  const sara = await ChatClient.open(chat, "sara");
  const before = lines.length;
  for (let sent = 0; sent < 90; sent += 1) sara.begin("room.join", { room: 99 });
  await sara.until(
    () => sara.received.filter((got) => (got as { error?: unknown }).error !== undefined).length >= 90 || sara.isOver,
  );
  const ofSara = async () => (await refusals()).filter(({ actor }) => actor?.username === "sara");
  await eventually(async () => (await ofSara()).length === 30);
  expect(lines.length - before).toBeLessThan(60);
  sara.close();
});

test("invalid input is a line of the server's log, over HTTP and on both sockets, with who sent it and never what", async () => {
  const secret = "a-secret-in-the-wrong-place";
  const alice = await ChatClient.open(chat, "alice");
  const { cookie } = await chat.session("alice");
  const classic = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  alice.send(`{"id":1,"do":"${secret}"}`);
  classic.send(secret);
  await chat.api("alice", "POST", "/api/rooms", { title: { [secret]: secret } });
  await chat.api("alice", "GET", `/api/rooms?${secret}=${secret}`);
  const logged = () => lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "input.refuse");
  await eventually(() => {
    const found = logged().map(({ actor, target, code }) => [actor, target, code]);
    expect(found).toContainEqual(["alice", "any command", "COMMAND_UNKNOWN"]);
    expect(found).toContainEqual(["alice", "classic error", "COMMAND_INVALID"]);
    expect(found).toContainEqual(["alice", "POST /api/rooms", "COMMAND_INVALID"]);
    expect(found).toContainEqual(["alice", "GET /api/rooms", "COMMAND_INVALID"]);
  });
  expect(JSON.stringify(logged())).not.toContain(secret);
  alice.close();
  classic.close();
});
