import type { RoomNotice, TimelineItem } from "@multichat/client";
import { expect, test } from "vitest";
import { GROUP_MS, makeRows, type Row, type RowOptions } from "../src/scenes/chat/rows.ts";

const NOON = new Date(2026, 0, 5, 12).getTime();
const MINUTE = 60_000;

function said(seq: number, author: string | null, at: number, kind: "message" | "warning" = "message"): TimelineItem {
  const message = {
    id: `m${seq}`,
    room: "r",
    seq,
    kind,
    author: author === null ? null : { id: author, username: author },
    clientId: `c${seq}`,
    body: `message ${seq}`,
    createdAt: at,
  };
  return { kind: "message", key: message.clientId, own: author === "me", message };
}

function pending(id: string, at: number): TimelineItem {
  return { kind: "pending", key: id, pending: { clientId: id, room: "r", body: "x", createdAt: at, state: "pending" } };
}

const rowsOf = (items: TimelineItem[], options: Partial<RowOptions> = {}) =>
  makeRows(items, { me: "me", newAfter: null, hasBefore: true, notices: [], ...options });

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
  expect(shape(rowsOf(items, { newAfter: 1 }))).toBe("day M M new M m");
  expect(shape(rowsOf(items, { newAfter: 4 }))).toBe("day M M M m");
});

test("one's own pending messages follow one's posted ones in the same group", () => {
  expect(shape(rowsOf([said(1, "me", NOON), pending("p1", NOON + MINUTE)]))).toBe("day M m?");
  expect(shape(rowsOf([said(1, "ann", NOON), pending("p1", NOON), pending("p2", NOON)]))).toBe("day M M? m?");
});

test("who came and went stands where it happened", () => {
  const notice = (key: string, afterSeq: number): RoomNotice => ({
    key,
    kind: "entered",
    user: { id: "bob", username: "bob" },
    at: NOON,
    afterSeq,
  });
  const items = [said(1, "ann", NOON), said(2, "ann", NOON), pending("p1", NOON)];
  const notices = [notice("a", 1), notice("b", 2)];
  expect(shape(rowsOf(items, { notices }))).toBe("day M coming M coming M?");
  expect(shape(rowsOf(items.slice(0, 1), { notices }))).toBe("day M coming coming");
});

test("no two rows have the same key", () => {
  const items = [1, 2, 3, 4, 5, 6].map((seq) => said(seq, seq % 2 ? "ann" : "me", NOON + seq * 9 * 3_600_000));
  const keys = rowsOf(items, { newAfter: 2, hasBefore: false }).map((row) => row.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a clock that goes back begins a new group instead of one that never ends", () => {
  expect(shape(rowsOf([said(1, "ann", NOON), said(2, "ann", NOON - MINUTE)]))).toBe("day M M");
});
