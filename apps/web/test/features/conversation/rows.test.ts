import type { RoomNotice, TimelineItem } from "@multichat/client";
import { expect, test } from "vitest";
import {
  buildRows,
  GROUP_MS,
  type Row,
  type RowOptions,
} from "../../../src/features/conversation/timeline/rows/rows.ts";
import { createMessage } from "../../fixtures/message.ts";

const NOON = new Date(2026, 0, 5, 12).getTime();
const MINUTE_MS = 60_000;

function messageItem(
  seq: number,
  author: string | null,
  at: number,
  kind: "message" | "warning" = "message",
): TimelineItem {
  const message = createMessage({
    id: `m${seq}`,
    seq,
    kind,
    author: author === null ? null : { id: author, username: author },
    clientId: `c${seq}`,
    createdAt: at,
  });
  return { kind: "message", key: message.clientId, own: author === "me", message };
}

function pendingItem(id: string, at: number): TimelineItem {
  return {
    kind: "pending",
    key: id,
    pending: { clientId: id, room: "r", body: "x", replyTo: null, createdAt: at, state: "pending" },
  };
}

const build = (items: TimelineItem[], options: Partial<RowOptions> = {}) =>
  buildRows(items, { userId: "me", unreadAfter: null, hasBefore: true, notices: [], ...options });

/** A short notation of the rows: `M` is a message that starts a group, `m` one that continues it, `?` a pending one. */
function describeRows(rows: readonly Row[]): string {
  return rows
    .map((row) => {
      if (row.kind === "message" || row.kind === "pending")
        return (row.startsGroup ? "M" : "m") + (row.kind === "pending" ? "?" : "");
      return row.kind;
    })
    .join(" ");
}

test("groups an author's messages for five minutes from the first one", () => {
  const items = [
    messageItem(1, "ann", NOON),
    messageItem(2, "ann", NOON + 4 * MINUTE_MS),
    messageItem(3, "ann", NOON + GROUP_MS - 1),
    messageItem(4, "ann", NOON + GROUP_MS),
    messageItem(5, "ann", NOON + GROUP_MS + MINUTE_MS),
  ];
  expect(describeRows(build(items))).toBe("day M m m M m");
});

test("ends a group at another author, a notice and a gap", () => {
  const gap: TimelineItem = { kind: "gap", key: "gap-3", after: 3, before: 9 };
  const items = [
    messageItem(1, "ann", NOON),
    messageItem(2, "bob", NOON),
    messageItem(3, "ann", NOON),
    gap,
    messageItem(9, "ann", NOON),
  ];
  expect(describeRows(build(items))).toBe("day M M M gap M");
  const warned = [messageItem(1, "ann", NOON), messageItem(2, "ann", NOON, "warning"), messageItem(3, "ann", NOON)];
  expect(describeRows(build(warned))).toBe("day M M M");
});

test("starts each day with a divider that ends the group", () => {
  const beforeMidnight = new Date(2026, 0, 5, 23, 59).getTime();
  expect(
    describeRows(build([messageItem(1, "ann", beforeMidnight), messageItem(2, "ann", beforeMidnight + 2 * MINUTE_MS)])),
  ).toBe("day M day M");
});

test("shows the beginning of the room only when nothing precedes it, and whether the room is empty", () => {
  expect(build([messageItem(1, "ann", NOON)], { hasBefore: false })[0]).toMatchObject({
    kind: "beginning",
    empty: false,
  });
  expect(build([], { hasBefore: false })).toEqual([{ kind: "beginning", key: "beginning", empty: true }]);
  expect(build([])).toEqual([]);
});

test("places one divider before the first unread message of another user", () => {
  const items = [
    messageItem(1, "ann", NOON),
    messageItem(2, "me", NOON),
    messageItem(3, "ann", NOON),
    messageItem(4, "ann", NOON),
  ];
  expect(describeRows(build(items, { unreadAfter: 1 }))).toBe("day M M unread M m");
  expect(describeRows(build(items, { unreadAfter: 4 }))).toBe("day M M M m");
});

test("groups the user's pending messages with the posted ones", () => {
  expect(describeRows(build([messageItem(1, "me", NOON), pendingItem("p1", NOON + MINUTE_MS)]))).toBe("day M m?");
  expect(describeRows(build([messageItem(1, "ann", NOON), pendingItem("p1", NOON), pendingItem("p2", NOON)]))).toBe(
    "day M M? m?",
  );
});

test("places presence notices where they happened", () => {
  const notice = (key: string, afterSeq: number): RoomNotice => ({
    key,
    kind: "entered",
    user: { id: key, username: key },
    at: NOON,
    afterSeq,
  });
  const items = [messageItem(1, "ann", NOON), messageItem(2, "ann", NOON), pendingItem("p1", NOON)];
  const notices = [notice("a", 1), notice("b", 2)];
  expect(describeRows(build(items, { notices }))).toBe("day M presence M presence M?");
  expect(describeRows(build(items.slice(0, 1), { notices }))).toBe("day M presence presence");
});

test("places a presence notice of a new day below its divider", () => {
  const day = 24 * 60 * MINUTE_MS;
  const notice = { key: "a", kind: "entered", user: { id: "a", username: "a" }, at: NOON + day, afterSeq: 1 } as const;
  const notices = [notice];
  expect(describeRows(build([messageItem(1, "ann", NOON), messageItem(2, "ann", NOON + day)], { notices }))).toBe(
    "day M day presence M",
  );
  expect(describeRows(build([messageItem(1, "ann", NOON)], { notices }))).toBe("day M day presence");
  const ahead = [{ ...notice, at: NOON + 2 * day }];
  expect(
    describeRows(build([messageItem(1, "ann", NOON), messageItem(2, "ann", NOON + day)], { notices: ahead })),
  ).toBe("day M presence day M");
});

test("shows only the latest of a user's consecutive presence notices", () => {
  const notice = (key: string, kind: "entered" | "left"): RoomNotice => ({
    key,
    kind,
    user: { id: "bob", username: "bob" },
    at: NOON,
    afterSeq: 1,
  });
  const notices = [notice("a", "entered"), notice("b", "left"), notice("c", "entered"), notice("d", "left")];
  const rows = build([messageItem(1, "ann", NOON)], { notices });
  expect(describeRows(rows)).toBe("day M presence");
  expect(rows.at(-1)).toMatchObject({ notice: { key: "d" } });
});

test("gives every row a unique key", () => {
  const items = [1, 2, 3, 4, 5, 6].map((seq) => messageItem(seq, seq % 2 ? "ann" : "me", NOON + seq * 9 * 3_600_000));
  const keys = build(items, { unreadAfter: 2, hasBefore: false }).map((row) => row.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("starts a new group when the clock goes back", () => {
  expect(describeRows(build([messageItem(1, "ann", NOON), messageItem(2, "ann", NOON - MINUTE_MS)]))).toBe("day M M");
});

test("places events between the messages, where they end a group", () => {
  const joined: TimelineItem = {
    kind: "event",
    key: "event-2",
    event: { on: "member.joined", room: "r", seq: 2, user: { id: "bob", username: "bob" }, role: "member", by: null },
  };
  expect(describeRows(build([messageItem(1, "ann", NOON), joined, messageItem(3, "ann", NOON)]))).toBe("day M event M");
  expect(build([joined], { hasBefore: false })[0]).toMatchObject({ kind: "beginning", empty: true });
});

test("creates a new row for a changed message and keeps the others", () => {
  const cache = new WeakMap<TimelineItem, Row>();
  const items = [messageItem(1, "ann", NOON), messageItem(2, "ann", NOON), messageItem(3, "ann", NOON)];
  const options = { userId: "me", unreadAfter: null, hasBefore: true, notices: [] };
  const before = buildRows(items, options, cache);
  const edited = messageItem(2, "ann", NOON);
  const after = buildRows([...items.slice(0, 1), edited, ...items.slice(2)], options, cache);
  expect(after[1]).toBe(before[1]);
  expect(after[2]).not.toBe(before[2]);
  expect(after[3]).toBe(before[3]);
});
