import { expect, test } from "vitest";
import { isWorthTelling } from "../../src/state/should-notify.ts";
import { roomEntry } from "../fixtures/room-list-entry.ts";

const open = roomEntry({ number: 1 });
const direct = roomEntry({ number: 2, kind: "direct" });
const said = { kind: "message", author: { id: "bob", username: "bob" }, mentions: [], mentionsAll: false } as const;

test("nothing is told of one's own messages, of muted notices, nor to who wants nothing told", () => {
  expect(isWorthTelling(said, open, "bob", "everything")).toBe(false);
  expect(isWorthTelling({ ...said, kind: "muted" }, open, "me", "everything")).toBe(false);
  expect(isWorthTelling({ ...said, mentions: ["me"] }, direct, "me", "nothing")).toBe(false);
});

test("mentions and direct messages call for one; the rest is told to who wants everything", () => {
  expect(isWorthTelling(said, open, "me", "calls")).toBe(false);
  expect(isWorthTelling(said, open, "me", "everything")).toBe(true);
  expect(isWorthTelling({ ...said, mentions: ["me"] }, open, "me", "calls")).toBe(true);
  expect(isWorthTelling({ ...said, mentionsAll: true }, open, "me", "calls")).toBe(true);
  expect(isWorthTelling(said, direct, "me", "calls")).toBe(true);
});
