import { expect, test } from "vitest";
import {
  closeColumn,
  fitColumns,
  formatRoomAddress,
  MAX_COLUMNS,
  parseColumns,
  parseRoomNumber,
  showRoom,
  showRoomBeside,
  withoutPane,
} from "../../src/navigation/columns.ts";

test("encodes columns in an address and parses them back", () => {
  const columns = { open: [1, 3, 5], active: 3 };
  expect(formatRoomAddress(columns)).toBe("/rooms/3?open=1,3,5");
  expect(parseColumns(3, "open=1,3,5")).toEqual(columns);
  expect(formatRoomAddress({ open: [2], active: 2 })).toBe("/rooms/2");
});

test("encodes a message in an address, and drops it when another room is shown", () => {
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

test("drops repeated and excess columns", () => {
  expect(parseColumns(1, "open=1,1,2,2").open).toEqual([1, 2]);
  expect(parseColumns(1, "open=1,2,3,4,5,6,7,8,9").open).toHaveLength(MAX_COLUMNS);
});

test.each(["0", "01", "-1", "1.5", "1e3", "a", " 1", "9999999999999999", undefined])(
  "rejects %j as a room number",
  (text) => {
    expect(parseRoomNumber(text)).toBeUndefined();
  },
);

test("shows a room in its own column, or in place of the active one", () => {
  const columns = { open: [1, 2], active: 2 };
  expect(showRoom(columns, 7)).toEqual({ open: [1, 7], active: 7 });
  expect(showRoom(columns, 1)).toEqual({ open: [1, 2], active: 1 });
  expect(showRoom(undefined, 4)).toEqual({ open: [4], active: 4 });
});

test("opens a room beside the active one and activates it", () => {
  expect(showRoomBeside({ open: [1, 2], active: 1 }, 7)).toEqual({ open: [1, 7, 2], active: 7 });
  expect(showRoomBeside({ open: [1, 2], active: 1 }, 2)).toEqual({ open: [1, 2], active: 2 });
});

test("closes another column at the maximum, never the new one nor the active one", () => {
  for (const active of [1, 2, 6]) {
    const after = showRoomBeside({ open: [1, 2, 3, 4, 5, 6], active }, 9);
    expect(after.open).toHaveLength(MAX_COLUMNS);
    expect(after.open).toContain(9);
    expect(after.open).toContain(active);
  }
});

test("activates the neighbor of a closed column, and leaves none when the last one closes", () => {
  expect(closeColumn({ open: [1, 2, 3], active: 2 }, 2)).toEqual({ open: [1, 3], active: 1 });
  expect(closeColumn({ open: [1, 2, 3], active: 2 }, 3)).toEqual({ open: [1, 2], active: 2 });
  expect(closeColumn({ open: [1], active: 1 }, 1)).toBeUndefined();
});

test("encodes the details pane and its query in an address", () => {
  const columns = {
    open: [1, 3],
    active: 3,
    pane: { name: "search", query: 'soup & "bread"', inAllRooms: true },
  } as const;
  const address = formatRoomAddress(columns);
  expect(parseColumns(3, address.slice(address.indexOf("?")))).toEqual(columns);
  expect(formatRoomAddress({ open: [3], active: 3, pane: { name: "members" } })).toBe("/rooms/3?pane=members");
  expect(parseColumns(3, "pane=nonsense&q=x")).toEqual({ open: [3], active: 3 });
});

test("keeps the details pane open from room to room until it is closed", () => {
  const columns = { open: [1, 3], active: 3, seq: 42, pane: { name: "pins" } } as const;
  expect(showRoom(columns, 1)).toEqual({ open: [1, 3], active: 1, pane: { name: "pins" } });
  expect(showRoomBeside(columns, 7).pane).toEqual({ name: "pins" });
  expect(closeColumn(columns, 3)?.pane).toEqual({ name: "pins" });
  expect(withoutPane(columns)).toEqual({ open: [1, 3], active: 3, seq: 42 });
});

test.each([
  // capacity, active, first one shown before; first one and columns shown now
  [1, 1, 0, 0, [1]],
  [1, 3, 0, 2, [3]],
  [2, 1, 0, 0, [1, 2]],
  [2, 2, 0, 0, [1, 2]],
  [2, 3, 0, 1, [2, 3]],
  [2, 2, 1, 1, [2, 3]],
  [2, 1, 1, 0, [1, 2]],
  [2, 4, 3, 2, [3, 4]],
  [3, 4, 0, 1, [2, 3, 4]],
  [4, 1, 3, 0, [1, 2, 3, 4]],
  [9, 2, 0, 0, [1, 2, 3, 4]],
  [0, 2, 0, 1, [2]],
])("shows the columns that fit, %d of four, with the active one: %d", (capacity, active, before, first, visible) => {
  expect(fitColumns({ open: [1, 2, 3, 4], active }, capacity, before)).toEqual({ first, visible });
});
