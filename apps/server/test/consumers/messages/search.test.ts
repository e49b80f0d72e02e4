import { eventually } from "@multichat/channels/testing";
import type { SearchHit } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

let chat: TestChat;
let alice: ChatClient;
let bob: ChatClient;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
  [alice, bob] = [await ChatClient.open(chat, "alice"), await ChatClient.open(chat, "bob")];
  for (const client of [alice, bob]) for (const room of [1, 2]) await client.join(room);
  const { room } = await alice.do("direct.open", { user: "bob" });
  await alice.join(room.id);
  await alice.say(1, "The kettle is on");
  await bob.say(1, "Is the kettle on?");
  await bob.say(2, "Kettles and pots");
  await alice.say(room.id, "a kettle for two");
  await alice.say(2, "請喝茶，朋友");
});
afterAll(async () => {
  for (const client of [alice, bob]) client.close();
  await chat.close();
});

const bodies = (found: readonly SearchHit[]) => found.map(({ message }) => message.body);
/** Searches when everything is indexed: the messages of others are not waited for. */
const search = async (query: string, client = alice) => {
  await eventually(async () => (await client.do("message.search", { query })).behind === undefined);
  return bodies((await client.do("message.search", { query })).found);
};

describe("a search", () => {
  test.each([
    ["kettle", ["a kettle for two", "Is the kettle on?", "The kettle is on"]],
    ["kettl*", ["a kettle for two", "Kettles and pots", "Is the kettle on?", "The kettle is on"]],
    ['"kettle on"', ["Is the kettle on?"]],
    ["on kettle", ["Is the kettle on?", "The kettle is on"]],
    ["kettle in:general", ["Is the kettle on?", "The kettle is on"]],
    ["kettl* in:1 in:Random", ["Kettles and pots", "Is the kettle on?", "The kettle is on"]],
    ["kettle in:@bob", ["a kettle for two"]],
    ["kettle from:bob", ["Is the kettle on?"]],
    ["kettle from:me", ["a kettle for two", "The kettle is on"]],
    ["from:bob", ["Kettles and pots", "Is the kettle on?"]],
    ["in:@bob", ["a kettle for two"]],
    ["from:me in:General before:2000-01-01", []],
    ["喝茶", ["請喝茶，朋友"]],
    ["kettle after:2000-01-01 before:2999-01-01", ["a kettle for two", "Is the kettle on?", "The kettle is on"]],
    ["kettle before:2000-01-01", []],
    ["teapot", []],
  ])("%s", async (query, expected) => {
    expect(await search(query)).toEqual(expected);
  });

  test("returns the room of each result", async () => {
    const { found } = await alice.do("message.search", { query: "pots" });
    expect(found[0]).toMatchObject({ room: { number: 2, title: "Random" }, message: { author: { username: "bob" } } });
  });

  test("is paged without gaps by a cursor", async () => {
    const all = await search("kettl*");
    const paged: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await alice.do("message.search", {
        query: "kettl*",
        limit: 1,
        ...(cursor == null ? {} : { cursor }),
      });
      paged.push(...bodies(page.found));
      ({ cursor } = page);
    } while (cursor !== null);
    expect(paged).toEqual(all);
  });

  test.each([
    ["kettle in:Nowhere", /one of your rooms after in:, got "Nowhere"/],
    ["kettle from:nobody-at-all", /a username after from:/],
    ["kettle before:yesterday", /a day such as before:2026-01-31/],
    ["- & :)", /a word or an emoji/],
    [" ", /expected a search query/],
    ["a".repeat(201), /at most 200 characters/],
  ])("that is invalid is refused with a reason: %j", async (query, reason) => {
    const { code, message } = await alice.refusal("message.search", { query });
    expect([code, message]).toEqual(["SEARCH_INVALID", expect.stringMatching(reason)]);
  });

  test("with an invented cursor is refused", async () => {
    expect((await alice.refusal("message.search", { query: "kettle", cursor: "nonsense" })).code).toBe(
      "SEARCH_INVALID",
    );
  });

  test.each([
    "hello - world",
    "R & D budget",
    "a => b",
    "see :) ok",
    "🇩🇪",
    "note: this",
    "in: the room",
    "before: noon",
    "see in:",
    "From: me, after: lunch",
    'he said in:"',
    "*one* *two* *three* *four* *five* *six* *seven* *eight* *nine* *ten* *eleven* *twelve*",
    "10:30",
    "http://example.org/a?b=c",
    'an "unpaired quote',
    "-word",
    "50 % off!",
    "C++ and C#",
    "x * y",
    "{json: [1, 2]}",
    "👍🏽",
    "‼️ look",
    "‼",
    "⁉️",
    "™",
    "㊗ ⌘ ♀️",
    "one two three four five six seven eight nine ten eleven twelve",
    "a - b - c - d - e - f - g - h - i - j - k",
    "Could you all please look at the budget for next year (R & D, too) before we meet tomorrow at 10:30?",
    "Ma, che ne so io: è un po' di qua e un po' di là, o no?!",
    "x y z ".repeat(30).trim(),
    Array.from({ length: 36 }, (_, index) => index.toString(36)).join(" "),
  ])("finds a message by its whole text, with its punctuation: %s", async (body) => {
    await alice.say(1, body);
    expect(await search(body)).toContain(body);
    expect(await search(`${body} in:1 from:me`)).toContain(body);
  });

  test("finds a message of the same user at once", async () => {
    for (const word of ["gooseberry", "loganberry", "cloudberry"]) {
      await alice.say(1, word);
      expect(bodies((await alice.do("message.search", { query: word })).found)).toEqual([word]);
    }
  });

  test("finds an edited message by its current body", async () => {
    const { message } = await alice.say(1, "a xylophone");
    await alice.do("message.edit", { room: 1, message: message.id, body: "a vibraphone" });
    expect(await search("xylophone")).toEqual([]);
    expect(await search("vibraphone", bob)).toEqual(["a vibraphone"]);
  });
});
