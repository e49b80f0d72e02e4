import type { Message } from "@multichat/protocol";
import { expect, test } from "vitest";
import { findMessageLinks } from "../../../src/features/message/linked/find-message-links.ts";
import { LinkedMessages } from "../../../src/features/message/linked/linked-messages.ts";
import { createMessage } from "../../fixtures/message.ts";

const ORIGIN = "https://chat.example";
const find = (text: string) => findMessageLinks(text, ORIGIN).map(({ room, seq }) => `${room}/${seq}`);

test.each([
  ["see https://chat.example/rooms/3?seq=42", ["3/42"]],
  ["https://chat.example/rooms/3?open=1,3&seq=42&pane=about", ["3/42"]],
  ["[that](https://chat.example/rooms/3?seq=42) and https://chat.example/rooms/3?seq=42", ["3/42"]],
  ["**https://chat.example/rooms/3?seq=42**\n\n- https://chat.example/rooms/4?seq=1", ["3/42", "4/1"]],
  [[1, 2, 3, 4, 5].map((seq) => `https://chat.example/rooms/1?seq=${seq}`).join(" "), ["1/1", "1/2", "1/3"]],
])("finds the messages that a text links to: %s", (text, links) => {
  expect(find(text)).toEqual(links);
});

test.each([
  "https://chat.example/rooms/3",
  "https://chat.example/rooms/3?seq=0",
  "https://chat.example/rooms/3?seq=1e9",
  "https://chat.example/rooms/-3?seq=1",
  "https://chat.example/rooms/3/4?seq=1",
  "https://chat.example/api/rooms/3?seq=1",
  "https://chat.example.evil.example/rooms/3?seq=1",
  "http://chat.example/rooms/3?seq=1",
  "/rooms/3?seq=1",
  "`https://chat.example/rooms/3?seq=1`",
  "> https://chat.example/rooms/3?seq=1",
  "||https://chat.example/rooms/3?seq=1||",
])("takes no other text for a link to a message: %s", (text) => {
  expect(find(text)).toEqual([]);
});

/** Answers when the test lets it. */
function createReads() {
  const asked: { readonly key: string; readonly answer: (message: Message | null) => void }[] = [];
  let now = 0;
  const messages = new LinkedMessages({
    now: () => now,
    read: (room, seq) =>
      new Promise<Message | null>((answer) => {
        asked.push({ key: `${room}/${seq}`, answer });
      }),
  });
  return {
    asked,
    messages,
    wait(ms: number) {
      now += ms;
    },
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test("reads a message once, and again a minute later or when its room has changed", async () => {
  const { asked, messages, wait } = createReads();
  for (let n = 0; n < 3; n += 1) messages.load("r", 7);
  expect(asked).toHaveLength(1);
  const message = createMessage({ seq: 7 });
  asked[0]?.answer(message);
  await settle();
  expect(messages.get("r", 7)).toBe(message);
  wait(59_000);
  messages.load("r", 7);
  expect(asked).toHaveLength(1);
  wait(2_000);
  messages.load("r", 7);
  expect(asked).toHaveLength(2);
  asked[1]?.answer(message);
  await settle();
  messages.receive({ on: "room.unlisted", room: "another" });
  expect(messages.get("r", 7)).toBe(message);
  messages.receive({ on: "room.unlisted", room: "r" });
  expect(messages.get("r", 7)).toBeUndefined();
});

test("an answer that an event has overtaken is not shown, but asked for again", async () => {
  const { asked, messages } = createReads();
  messages.load("r", 7);
  messages.receive({ on: "room.unlisted", room: "r" });
  asked[0]?.answer(createMessage({ seq: 7, body: "before" }));
  await settle();
  expect(messages.get("r", 7)).toBeUndefined();
  expect(asked).toHaveLength(2);
  asked[1]?.answer(null);
  await settle();
  expect(messages.get("r", 7)).toBeNull();
});

test("an answer for an earlier user is neither shown nor asked for again", async () => {
  const { asked, messages } = createReads();
  messages.load("r", 7);
  messages.clear();
  asked[0]?.answer(createMessage({ seq: 7 }));
  await settle();
  expect(messages.get("r", 7)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test("reads two at a time, the newest first, and keeps at most 200 waiting", async () => {
  const { asked, messages } = createReads();
  for (let seq = 1; seq <= 210; seq += 1) messages.load("r", seq);
  expect(asked.map(({ key }) => key)).toEqual(["r/1", "r/2"]);
  for (let n = 0; n < asked.length; n += 1) {
    asked[n]?.answer(null);
    await settle();
  }
  expect(asked).toHaveLength(202);
  expect(asked.slice(2, 4).map(({ key }) => key)).toEqual(["r/210", "r/209"]);
  expect(messages.get("r", 11)).toBeNull();
  expect(messages.get("r", 10)).toBeUndefined();
});
