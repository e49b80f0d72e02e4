import type { RoomListEntry } from "@multichat/protocol";
import { expect, test } from "vitest";
import { createBadgedIcon } from "../../src/state/unread/badged-icon.ts";
import { countUnread, formatTitle } from "../../src/state/unread/unread-totals.ts";
import { createRoomListEntry } from "../fixtures/room-list-entry.ts";

const rooms: readonly RoomListEntry[] = [
  createRoomListEntry({ number: 1, unread: 5, mentions: 2 }),
  createRoomListEntry({ number: 2, kind: "direct", unread: 3, mentions: 1 }),
  createRoomListEntry({ number: 3, archived: true, unread: 40, mentions: 4 }),
];

test("counts mentions and direct messages as addressed to the user, and nothing in archived rooms", () => {
  expect(countUnread(rooms, () => false)).toEqual({ unread: 8, mentions: 5 });
  expect(countUnread(rooms, (room) => room === "room-1")).toEqual({ unread: 5, mentions: 5 });
});

test("shows the unread count, the page and the product in the title", () => {
  expect(formatTitle("General", { unread: 0 })).toBe("General · Multichat");
  expect(formatTitle("General", { unread: 99 })).toBe("(99) General · Multichat");
  expect(formatTitle("", { unread: 250 })).toBe("(99+) Multichat");
});

test("limits the icon's badge to two characters", () => {
  expect(decodeURIComponent(createBadgedIcon(7))).toContain(">7</text>");
  expect(decodeURIComponent(createBadgedIcon(10))).toContain(">9+</text>");
});
