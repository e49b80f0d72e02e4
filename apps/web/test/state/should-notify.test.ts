import { expect, test } from "vitest";
import { shouldNotify } from "../../src/state/should-notify.ts";
import { createRoomListEntry } from "../fixtures/room-list-entry.ts";

const open = createRoomListEntry({ number: 1 });
const direct = createRoomListEntry({ number: 2, kind: "direct" });
const message = { kind: "message", author: { id: "bob", username: "bob" }, mentions: [], mentionsAll: false } as const;

test("ignores the user's own messages and muted notices, and everything when turned off", () => {
  expect(shouldNotify(message, open, "bob", "everything")).toBe(false);
  expect(shouldNotify({ ...message, kind: "muted" }, open, "me", "everything")).toBe(false);
  expect(shouldNotify({ ...message, mentions: ["me"] }, direct, "me", "nothing")).toBe(false);
});

test("notifies of mentions and direct messages, and of the rest only with `everything`", () => {
  expect(shouldNotify(message, open, "me", "mentions")).toBe(false);
  expect(shouldNotify(message, open, "me", "everything")).toBe(true);
  expect(shouldNotify({ ...message, mentions: ["me"] }, open, "me", "mentions")).toBe(true);
  expect(shouldNotify({ ...message, mentionsAll: true }, open, "me", "mentions")).toBe(true);
  expect(shouldNotify(message, direct, "me", "mentions")).toBe(true);
});
