import { expect, test } from "vitest";
import { shouldNotify } from "../../src/state/should-notify.ts";
import { roomEntry } from "../fixtures/room-list-entry.ts";

const open = roomEntry({ number: 1 });
const direct = roomEntry({ number: 2, kind: "direct" });
const said = { kind: "message", author: { id: "bob", username: "bob" }, mentions: [], mentionsAll: false } as const;

test("nothing is told of one's own messages, of muted notices, nor to who wants nothing told", () => {
  expect(shouldNotify(said, open, "bob", "everything")).toBe(false);
  expect(shouldNotify({ ...said, kind: "muted" }, open, "me", "everything")).toBe(false);
  expect(shouldNotify({ ...said, mentions: ["me"] }, direct, "me", "nothing")).toBe(false);
});

test("mentions and direct messages call for one; the rest is told to who wants everything", () => {
  expect(shouldNotify(said, open, "me", "mentions")).toBe(false);
  expect(shouldNotify(said, open, "me", "everything")).toBe(true);
  expect(shouldNotify({ ...said, mentions: ["me"] }, open, "me", "mentions")).toBe(true);
  expect(shouldNotify({ ...said, mentionsAll: true }, open, "me", "mentions")).toBe(true);
  expect(shouldNotify(said, direct, "me", "mentions")).toBe(true);
});
