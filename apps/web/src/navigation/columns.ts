import { type Pane, paneParams, parsePane } from "./pane-address.ts";

/**
 * The rooms that stand side by side, as the address holds them: `/rooms/3?open=1,3,5` shows three columns, of which room 3 is
 * the active one. On a phone only the active one is shown. `/rooms/3?seq=42` shows room 3 at one of its messages, and
 * `/rooms/3?pane=members` its members beside it.
 */
export interface Columns {
  readonly open: readonly number[];
  readonly active: number;
  /** The message of the active room that the address points at. */
  readonly seq?: number;
  /** What is shown of the active room beside its conversation. */
  readonly pane?: Pane;
}

/** Rooms side by side at most; more would be narrower than a message. */
export const MAX_COLUMNS = 6;

/** @returns a room's number or a message's seq as it stands in an address; undefined where that is none. */
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

/** Shows a room: in its column if it has one, else in place of the active one. */
export function showRoom(columns: Columns | undefined, room: number): Columns {
  if (columns === undefined) return { open: [room], active: room };
  const { active } = columns;
  const open = columns.open.includes(room)
    ? columns.open
    : columns.open.map((number) => (number === active ? room : number));
  return { open, active: room, ...keepPane(columns) };
}

/** The pane stays while one moves from room to room, and shows the one that is active. */
function keepPane({ pane }: Columns): Pick<Columns, "pane"> {
  return pane === undefined ? {} : { pane };
}

export function withoutPane({ pane: _, ...columns }: Columns): Columns {
  return columns;
}

/** Shows a room in a column of its own, after the active one. */
export function showRoomBeside(columns: Columns | undefined, room: number): Columns {
  if (columns === undefined || columns.open.includes(room)) return showRoom(columns, room);
  const open = columns.open.toSpliced(columns.open.indexOf(columns.active) + 1, 0, room);
  if (open.length <= MAX_COLUMNS) return { open, active: room, ...keepPane(columns) };
  // Full: the column farthest from the new one makes place.
  const remaining = open[0] === room || open[0] === columns.active ? open.slice(0, -1) : open.slice(1);
  return { open: remaining, active: room, ...keepPane(columns) };
}

/** Closes a column; undefined where it was the only one. Its neighbour becomes the active one. */
export function closeColumn(columns: Columns, room: number): Columns | undefined {
  const at = columns.open.indexOf(room);
  const open = columns.open.filter((number) => number !== room);
  const neighbour = open[Math.max(0, at - 1)];
  if (neighbour === undefined) return undefined;
  return { open, active: columns.active === room ? neighbour : columns.active, ...keepPane(columns) };
}
