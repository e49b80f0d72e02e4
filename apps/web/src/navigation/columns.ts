import { type Pane, paneParams, parsePane } from "./pane-address.ts";

/**
 * The rooms shown side by side, as encoded in the address: `/rooms/3?open=1,3,5` shows three columns, room 3 being active; a
 * phone shows only the active one. `/rooms/3?seq=42` scrolls room 3 to a message, `/rooms/3?pane=members` shows its members
 * beside it.
 */
export interface Columns {
  readonly open: readonly number[];
  readonly active: number;
  /** The message that the active room scrolls to. */
  readonly seq?: number;
  /** The details pane of the active room. */
  readonly pane?: Pane;
}

/** More columns would be narrower than a message. */
export const MAX_COLUMNS = 6;

/**
 * Returns which of the columns are shown where only `capacity` fit: a row of neighbors with the active one, which moves as little as
 * possible.
 *
 * @param first the index of the first one that was shown before
 */
export function fitColumns(
  { open, active }: Columns,
  capacity: number,
  first: number,
): { first: number; visible: readonly number[] } {
  const count = Math.max(1, Math.min(capacity, open.length));
  const index = open.indexOf(active);
  const start = Math.min(Math.max(first, index - count + 1, 0), index, open.length - count);
  return { first: start, visible: open.slice(start, start + count) };
}

/** Parses a room number or a seq of an address; undefined when it is invalid. */
export function parseRoomNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,14}$/.test(text)) return undefined;
  return Number(text);
}

export function parseColumns(active: number, search: string): Columns {
  const params = new URLSearchParams(search);
  const seq = parseRoomNumber(params.get("seq") ?? undefined);
  const listed = (params.get("open") ?? "")
    .split(",")
    .map(parseRoomNumber)
    .filter((number) => number !== undefined);
  const open = [...new Set(listed)].slice(0, MAX_COLUMNS);
  const pane = parsePane(params);
  return {
    open: open.includes(active) ? open : [active],
    active,
    ...(seq === undefined ? {} : { seq }),
    ...(pane === undefined ? {} : { pane }),
  };
}

export function formatRoomAddress({ open, active, seq, pane }: Columns): string {
  const params = [
    open.length > 1 ? `open=${open.join(",")}` : "",
    seq === undefined ? "" : `seq=${seq}`,
    ...paneParams(pane),
  ].filter(Boolean);
  return params.length === 0 ? `/rooms/${active}` : `/rooms/${active}?${params.join("&")}`;
}

/** Shows a room in its column if it has one, else in place of the active room. */
export function showRoom(columns: Columns | undefined, room: number): Columns {
  if (columns === undefined) return { open: [room], active: room };
  const { active } = columns;
  const open = columns.open.includes(room)
    ? columns.open
    : columns.open.map((number) => (number === active ? room : number));
  return { open, active: room, ...keepPane(columns) };
}

/** The pane stays open when the active room changes, and shows the new one. */
function keepPane({ pane }: Columns): Pick<Columns, "pane"> {
  return pane === undefined ? {} : { pane };
}

export function withoutPane({ pane: _, ...columns }: Columns): Columns {
  return columns;
}

/** Shows a room in a new column after the active one. */
export function showRoomBeside(columns: Columns | undefined, room: number): Columns {
  if (columns === undefined || columns.open.includes(room)) return showRoom(columns, room);
  const open = columns.open.toSpliced(columns.open.indexOf(columns.active) + 1, 0, room);
  if (open.length <= MAX_COLUMNS) return { open, active: room, ...keepPane(columns) };
  // At the maximum, the column farthest from the new one closes.
  const remaining = open[0] === room || open[0] === columns.active ? open.slice(0, -1) : open.slice(1);
  return { open: remaining, active: room, ...keepPane(columns) };
}

/** Closes a column, and activates its neighbor. Returns undefined when it was the only one. */
export function closeColumn(columns: Columns, room: number): Columns | undefined {
  const index = columns.open.indexOf(room);
  const open = columns.open.filter((number) => number !== room);
  const neighbor = open[Math.max(0, index - 1)];
  if (neighbor === undefined) return undefined;
  return { open, active: columns.active === room ? neighbor : columns.active, ...keepPane(columns) };
}
