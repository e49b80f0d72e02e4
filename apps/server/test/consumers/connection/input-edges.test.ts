import type { CommandName, CommandParams } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

// Databases differ in what they can hold and compare, so what one of them cannot is refused before it, on all of them.

let chat: TestChat;
let admin: ChatClient;
let message: string;
let lastSeq: number;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
  admin = await ChatClient.open(chat, "admin");
  await admin.join(1);
  message = (await admin.say(1, "hello")).message.id;
  lastSeq = (await admin.join(1)).room.lastSeq;
});
afterAll(async () => {
  admin.close();
  await chat.close();
});

type Input = readonly [CommandName, Readonly<Record<string, unknown>>];

/** Commands with a text in every place that takes one. */
const withText = (text: string): readonly Input[] => [
  ["message.send", { clientId: "c", body: `a${text}b` }],
  ["message.send", { clientId: `c${text}`, body: "hello" }],
  ["message.send", { clientId: "c", body: "hello", replyTo: `m${text}` }],
  ["message.send", { clientId: "c", body: "hello", room: `r${text}` }],
  ["message.edit", { message: "", body: text }],
  ["message.edit", { message: `m${text}`, body: "hello" }],
  ["message.delete", { message: `m${text}` }],
  ["message.pin", { message: `m${text}` }],
  ["message.history", { message: `m${text}` }],
  ["reaction.add", { message: "", emoji: `👍${text}` }],
  ["reaction.add", { message: "", emoji: `a${text}` }],
  ["reaction.remove", { message: "", emoji: `${text}👍` }],
  ["reaction.add", { message: "", emoji: "👍", clientId: text }],
  ["room.create", { clientId: "c", title: `title${text}` }],
  ["room.create", { clientId: "c", title: "title", topic: `topic${text}` }],
  ["room.join", { room: `r${text}` }],
  ["direct.open", { user: `u${text}` }],
  ["member.add", { user: `u${text}` }],
  ["member.remove", { user: `u${text}` }],
  ["member.change", { user: `u${text}`, role: "moderator" }],
  ["presence.set", { status: "away", text: `a${text}` }],
  ["presence.list", { users: [`u${text}`] }],
  ["people.find", { query: `a${text}` }],
  ["message.search", { query: `a${text}` }],
  ["resume", { rooms: { [`r${text}`]: 1 }, epoch: "e" }],
];

/** Commands with a number in every place that takes one. */
const withNumber = (number: number): readonly Input[] => [
  ["room.join", { since: number }],
  ["room.read", { seq: number }],
  ["history.page", { before: number }],
  ["history.page", { after: number }],
  ["history.page", { around: number }],
  ["history.page", { limit: number }],
  ["message.search", { query: "hello", limit: number }],
  ["member.change", { user: "alice", muteSeconds: number }],
  ["resume", { rooms: { "1": number }, epoch: "e" }],
  ["room.read", { room: number, seq: 1 }],
  ["message.send", { room: number, clientId: "c", body: "hello" }],
  ["message.pin", { room: number, message: "" }],
];

const FAMILIES: Readonly<Record<string, readonly Input[]>> = {
  "U+0000": withText("\0"),
  "a lone high surrogate": withText("\ud800"),
  "a lone low surrogate": withText("\udfff"),
  "another control character": withText("\u0001"),
  "half a number": withNumber(0.5),
  "a number between two integers": withNumber(1.5),
  "a negative number": withNumber(-1),
  "a number beyond 2^53": withNumber(2 ** 53),
  "the largest number": withNumber(Number.MAX_VALUE),
  "a day out of range": [
    "before:2026-02-30",
    "before:2026-13-01",
    "before:2026-00-10",
    "before:0000-00-00",
    "before:275761-01-01",
    "before:-000001-01-01",
    "before:99999-01-01",
    "after:2026-02-30",
    "after:2026-01-32",
    "after:+275760-09-14",
    "after:9007199254740993",
    "after:1e400",
  ].map((query) => ["message.search", { query: `hello ${query}` }]),
};

describe.each(Object.entries(FAMILIES))("%s", (_, inputs) => {
  test.each(inputs)("in %s %j", async (name, given) => {
    // The messages of a server have ids of their own.
    const params = { room: 1, ...given, ...(given.message === "" ? { message } : {}) };
    const error = await admin.refusal(name, params as CommandParams<CommandName>);
    expect(["COMMAND_INVALID", "MESSAGE_INVALID", "ROOM_INVALID", "SEARCH_INVALID"]).toContain(error.code);
    expect(error.message).toMatch(/\S/);
  });
});

test("the slow mode of a room is an integer within an hour", async () => {
  const { cookie } = await chat.session("admin");
  for (const slowModeSeconds of [-1, 0.5, 3_601, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, "60", null, [60]]) {
    const response = await fetch(`${chat.url}/api/rooms/1`, {
      method: "PATCH",
      headers: { cookie, origin: chat.url, "content-type": "application/json" },
      body: JSON.stringify({ slowModeSeconds }),
    });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: "COMMAND_INVALID" } }]);
  }
});

test("ids in an address that no database can hold are not found", async () => {
  const { cookie } = await chat.session("admin");
  const paths = ["%00", "a%00b", "%01", "%7f", "%C2%80", "a%00", "%EF%BF%BF", "0", "-1", "1.5", "9007199254740993"];
  for (const path of paths.flatMap((id) => [`rooms/${id}`, `rooms/1/messages/${id}`, `people/${id}`])) {
    const method = path.startsWith("rooms/1/") || path.startsWith("people") ? "PATCH" : "GET";
    const body = path.startsWith("people") ? { active: true } : { body: "edited" };
    const response = await fetch(`${chat.url}/api/${path}`, {
      method,
      headers: { cookie, origin: chat.url, "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
    });
    expect([path, response.status]).toEqual([path, 404]);
  }
});

test("what is refused changes nothing, and the connection stays open", async () => {
  expect((await admin.join(1)).room.lastSeq).toBe(lastSeq);
});
