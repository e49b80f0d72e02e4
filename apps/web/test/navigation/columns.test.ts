import { expect, test } from "vitest";
import {
  closeColumn,
  formatRoomAddress,
  MAX_COLUMNS,
  parseColumns,
  parseRoomNumber,
  showRoom,
  showRoomBeside,
  withoutPane,
} from "../../src/navigation/columns.ts";

test("an address holds the columns and comes back as the same", () => {
  const columns = { open: [1, 3, 5], active: 3 };
  expect(formatRoomAddress(columns)).toBe("/rooms/3?open=1,3,5");
  expect(parseColumns(3, "open=1,3,5")).toEqual(columns);
  expect(formatRoomAddress({ open: [2], active: 2 })).toBe("/rooms/2");
});

test("an address can point at one message, and moving on forgets it", () => {
  const columns = { open: [1, 3], active: 3, seq: 42 };
  expect(formatRoomAddress(columns)).toBe("/rooms/3?open=1,3&seq=42");
  expect(parseColumns(3, "open=1,3&seq=42")).toEqual(columns);
  expect(parseColumns(3, "seq=nonsense")).toEqual({ open: [3], active: 3 });
  expect(formatRoomAddress(showRoom(columns, 1))).toBe("/rooms/1?open=1,3");
  expect(formatRoomAddress(showRoomBeside(columns, 7))).toBe("/rooms/7?open=1,3,7");
});

test.each(["", "open=", "open=1,2", "open=x,-1,0,1e3", "open=3"])("%j shows room 3 alone", (search) => {
  expect(parseColumns(3, search)).toEqual({ open: [3], active: 3 });
});

test("doubles and too many are left out", () => {
  expect(parseColumns(1, "open=1,1,2,2").open).toEqual([1, 2]);
  expect(parseColumns(1, "open=1,2,3,4,5,6,7,8,9").open).toHaveLength(MAX_COLUMNS);
});

test.each(["0", "01", "-1", "1.5", "1e3", "a", " 1", "9999999999999999", undefined])(
  "%j is no room's number",
  (text) => {
    expect(parseRoomNumber(text)).toBeUndefined();
  },
);

test("a room takes the active column's place, or is found where it stands", () => {
  const columns = { open: [1, 2], active: 2 };
  expect(showRoom(columns, 7)).toEqual({ open: [1, 7], active: 7 });
  expect(showRoom(columns, 1)).toEqual({ open: [1, 2], active: 1 });
  expect(showRoom(undefined, 4)).toEqual({ open: [4], active: 4 });
});

test("a room beside stands after the active one, and is the active one then", () => {
  expect(showRoomBeside({ open: [1, 2], active: 1 }, 7)).toEqual({ open: [1, 7, 2], active: 7 });
  expect(showRoomBeside({ open: [1, 2], active: 1 }, 2)).toEqual({ open: [1, 2], active: 2 });
});

test("when all columns are taken one makes place, never the new one nor the one it was opened from", () => {
  for (const active of [1, 2, 6]) {
    const after = showRoomBeside({ open: [1, 2, 3, 4, 5, 6], active }, 9);
    expect(after.open).toHaveLength(MAX_COLUMNS);
    expect(after.open).toContain(9);
    expect(after.open).toContain(active);
  }
});

test("closing a column leaves its neighbour active; closing the last leaves none", () => {
  expect(closeColumn({ open: [1, 2, 3], active: 2 }, 2)).toEqual({ open: [1, 3], active: 1 });
  expect(closeColumn({ open: [1, 2, 3], active: 2 }, 3)).toEqual({ open: [1, 2], active: 2 });
  expect(closeColumn({ open: [1], active: 1 }, 1)).toBeUndefined();
});

test("an address holds the details that stand open, with what is looked for in them", () => {
  const columns = {
    open: [1, 3],
    active: 3,
    pane: { name: "search", query: 'soup & "bread"', everywhere: true },
  } as const;
  const address = formatRoomAddress(columns);
  expect(parseColumns(3, address.slice(address.indexOf("?")))).toEqual(columns);
  expect(formatRoomAddress({ open: [3], active: 3, pane: { name: "members" } })).toBe("/rooms/3?pane=members");
  expect(parseColumns(3, "pane=nonsense&q=x")).toEqual({ open: [3], active: 3 });
});

test("the details stay open from room to room until they are closed", () => {
  const columns = { open: [1, 3], active: 3, seq: 42, pane: { name: "pins" } } as const;
  expect(showRoom(columns, 1)).toEqual({ open: [1, 3], active: 1, pane: { name: "pins" } });
  expect(showRoomBeside(columns, 7).pane).toEqual({ name: "pins" });
  expect(closeColumn(columns, 3)?.pane).toEqual({ name: "pins" });
  expect(withoutPane(columns)).toEqual({ open: [1, 3], active: 3, seq: 42 });
});
