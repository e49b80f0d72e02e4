import type { RoomNotice, TimelineItem } from "@multichat/client";
import { expect, test } from "vitest";
import { buildRows, GROUP_MS, type Row, type RowOptions } from "../../../src/features/conversation/timeline/rows.ts";
import { messageWith } from "../../fixtures/message.ts";

const NOON = new Date(2026, 0, 5, 12).getTime();
const MINUTE = 60_000;

function said(seq: number, author: string | null, at: number, kind: "message" | "warning" = "message"): TimelineItem {
  const message = messageWith({
    id: `m${seq}`,
    seq,
    kind,
    author: author === null ? null : { id: author, username: author },
    clientId: `c${seq}`,
    createdAt: at,
  });
  return { kind: "message", key: message.clientId, own: author === "me", message };
}

function pending(id: string, at: number): TimelineItem {
  return {
    kind: "pending",
    key: id,
    pending: { clientId: id, room: "r", body: "x", replyTo: null, createdAt: at, state: "pending" },
  };
}

const rowsOf = (items: TimelineItem[], options: Partial<RowOptions> = {}) =>
  buildRows(items, { userId: "me", unreadAfter: null, hasBefore: true, notices: [], ...options });

/** A short way to write down what is drawn: `M` a message with its author's name, `m` one below it. */
function shape(rows: readonly Row[]): string {
  return rows
    .map((row) => {
      if (row.kind === "message" || row.kind === "pending")
        return (row.head ? "M" : "m") + (row.kind === "pending" ? "?" : "");
      return row.kind;
    })
    .join(" ");
}

test("one author's messages stay together for five minutes from the first", () => {
  const items = [
    said(1, "ann", NOON),
    said(2, "ann", NOON + 4 * MINUTE),
    said(3, "ann", NOON + GROUP_MS - 1),
    said(4, "ann", NOON + GROUP_MS),
    said(5, "ann", NOON + GROUP_MS + MINUTE),
  ];
  expect(shape(rowsOf(items))).toBe("day M m m M m");
});

test("another author, a notice and a gap each end a group", () => {
  const gap: TimelineItem = { kind: "gap", key: "gap-3", after: 3, before: 9 };
  const items = [said(1, "ann", NOON), said(2, "bob", NOON), said(3, "ann", NOON), gap, said(9, "ann", NOON)];
  expect(shape(rowsOf(items))).toBe("day M M M gap M");
  const warned = [said(1, "ann", NOON), said(2, "ann", NOON, "warning"), said(3, "ann", NOON)];
  expect(shape(rowsOf(warned))).toBe("day M M M");
});

test("each day begins with its line, and ends the group before it", () => {
  const beforeMidnight = new Date(2026, 0, 5, 23, 59).getTime();
  expect(shape(rowsOf([said(1, "ann", beforeMidnight), said(2, "ann", beforeMidnight + 2 * MINUTE)]))).toBe(
    "day M day M",
  );
});

test("the room's beginning is shown only where nothing is before it, and says when nobody has written", () => {
  expect(rowsOf([said(1, "ann", NOON)], { hasBefore: false })[0]).toMatchObject({ kind: "beginning", empty: false });
  expect(rowsOf([], { hasBefore: false })).toEqual([{ kind: "beginning", key: "beginning", empty: true }]);
  expect(rowsOf([])).toEqual([]);
});

test("the New line stands before the first unread message of somebody else, once", () => {
  const items = [said(1, "ann", NOON), said(2, "me", NOON), said(3, "ann", NOON), said(4, "ann", NOON)];
  expect(shape(rowsOf(items, { unreadAfter: 1 }))).toBe("day M M new M m");
  expect(shape(rowsOf(items, { unreadAfter: 4 }))).toBe("day M M M m");
});

test("one's own pending messages follow one's posted ones in the same group", () => {
  expect(shape(rowsOf([said(1, "me", NOON), pending("p1", NOON + MINUTE)]))).toBe("day M m?");
  expect(shape(rowsOf([said(1, "ann", NOON), pending("p1", NOON), pending("p2", NOON)]))).toBe("day M M? m?");
});

test("who came and went stands where it happened", () => {
  const notice = (key: string, afterSeq: number): RoomNotice => ({
    key,
    kind: "entered",
    user: { id: key, username: key },
    at: NOON,
    afterSeq,
  });
  const items = [said(1, "ann", NOON), said(2, "ann", NOON), pending("p1", NOON)];
  const notices = [notice("a", 1), notice("b", 2)];
  expect(shape(rowsOf(items, { notices }))).toBe("day M coming M coming M?");
  expect(shape(rowsOf(items.slice(0, 1), { notices }))).toBe("day M coming coming");
});

test("who came on a new day stands below its line, as what is said after it", () => {
  const day = 24 * 60 * MINUTE;
  const notice = { key: "a", kind: "entered", user: { id: "a", username: "a" }, at: NOON + day, afterSeq: 1 } as const;
  const notices = [notice];
  expect(shape(rowsOf([said(1, "ann", NOON), said(2, "ann", NOON + day)], { notices }))).toBe("day M day coming M");
  expect(shape(rowsOf([said(1, "ann", NOON)], { notices }))).toBe("day M day coming");
  const ahead = [{ ...notice, at: NOON + 2 * day }];
  expect(shape(rowsOf([said(1, "ann", NOON), said(2, "ann", NOON + day)], { notices: ahead }))).toBe(
    "day M coming day M",
  );
});

test("somebody who comes and goes at once is told of once, as it stands last", () => {
  const notice = (key: string, kind: "entered" | "left"): RoomNotice => ({
    key,
    kind,
    user: { id: "bob", username: "bob" },
    at: NOON,
    afterSeq: 1,
  });
  const notices = [notice("a", "entered"), notice("b", "left"), notice("c", "entered"), notice("d", "left")];
  const rows = rowsOf([said(1, "ann", NOON)], { notices });
  expect(shape(rows)).toBe("day M coming");
  expect(rows.at(-1)).toMatchObject({ notice: { key: "d" } });
});

test("no two rows have the same key", () => {
  const items = [1, 2, 3, 4, 5, 6].map((seq) => said(seq, seq % 2 ? "ann" : "me", NOON + seq * 9 * 3_600_000));
  const keys = rowsOf(items, { unreadAfter: 2, hasBefore: false }).map((row) => row.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a clock that goes back begins a new group instead of one that never ends", () => {
  expect(shape(rowsOf([said(1, "ann", NOON), said(2, "ann", NOON - MINUTE)]))).toBe("day M M");
});

test("what happened in the room stands between the messages, and ends a group", () => {
  const joined: TimelineItem = {
    kind: "event",
    key: "event-2",
    event: { on: "member.joined", room: "r", seq: 2, user: { id: "bob", username: "bob" }, role: "member", by: null },
  };
  expect(shape(rowsOf([said(1, "ann", NOON), joined, said(3, "ann", NOON)]))).toBe("day M event M");
  expect(rowsOf([joined], { hasBefore: false })[0]).toMatchObject({ kind: "beginning", empty: true });
});

test("a message that changes is a new row, and those around it stay the same objects", () => {
  const cache = new WeakMap<TimelineItem, Row>();
  const items = [said(1, "ann", NOON), said(2, "ann", NOON), said(3, "ann", NOON)];
  const options = { userId: "me", unreadAfter: null, hasBefore: true, notices: [] };
  const before = buildRows(items, options, cache);
  const edited = said(2, "ann", NOON);
  const after = buildRows([...items.slice(0, 1), edited, ...items.slice(2)], options, cache);
  expect(after[1]).toBe(before[1]);
  expect(after[2]).not.toBe(before[2]);
  expect(after[3]).toBe(before[3]);
});
