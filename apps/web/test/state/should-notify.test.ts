import { expect, test } from "vitest";
import { chooseNotifyLevel, shouldNotify } from "../../src/state/unread/should-notify.ts";
import { createRoomListEntry } from "../fixtures/room-list-entry.ts";

const open = createRoomListEntry({ number: 1 });
const direct = createRoomListEntry({ number: 2, kind: "direct" });
const message = { kind: "message", author: { id: "bob", username: "bob" }, mentions: [], mentionsAll: false } as const;

test("ignores the user's own messages and muted notices, and everything when turned off", () => {
  expect(shouldNotify(message, open, "bob", "everything", "online")).toBe(false);
  expect(shouldNotify({ ...message, kind: "muted" }, open, "me", "everything", "online")).toBe(false);
  expect(shouldNotify({ ...message, mentions: ["me"] }, direct, "me", "nothing", "online")).toBe(false);
});

test("notifies of mentions and direct messages, and of the rest only with `everything`", () => {
  expect(shouldNotify(message, open, "me", "mentions", "online")).toBe(false);
  expect(shouldNotify(message, open, "me", "everything", "online")).toBe(true);
  expect(shouldNotify({ ...message, mentions: ["me"] }, open, "me", "mentions", "online")).toBe(true);
  expect(shouldNotify({ ...message, mentionsAll: true }, open, "me", "mentions", "online")).toBe(true);
  expect(shouldNotify(message, direct, "me", "mentions", "online")).toBe(true);
});

test.each([
  ["everything", "mentions", [false, true, true]],
  ["everything", "nothing", [false, false, false]],
  ["mentions", "everything", [true, true, true]],
  ["mentions", "default", [false, true, true]],
  ["everything", undefined, [true, true, true]],
  ["nothing", "everything", [false, false, false]],
] as const)("on a device that notifies of %s, a room with the level %s does as set", (device, level, expected) => {
  const chosen = chooseNotifyLevel(device, level);
  const mentioning = { ...message, mentions: ["me"] };
  expect([
    shouldNotify(message, open, "me", chosen, "online"),
    shouldNotify(mentioning, open, "me", chosen, "online"),
    shouldNotify(message, direct, "me", chosen, "online"),
  ]).toEqual(expected);
});

test.each(["online", "away", "busy", "offline"] as const)(
  "do not disturb: nothing notifies while the user is busy (%s)",
  (status) => {
    const messages = [
      message,
      { ...message, mentions: ["me"] },
      { ...message, mentionsAll: true },
      { ...message, kind: "alert" as const },
      { ...message, kind: "warning" as const },
    ];
    for (const each of messages) {
      for (const room of [open, direct])
        expect(shouldNotify(each, room, "me", "everything", status)).toBe(status !== "busy");
    }
  },
);
