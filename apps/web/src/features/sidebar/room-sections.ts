import type { RoomListEntry } from "@multichat/protocol";
import { getRoomName } from "../../state/room-name.ts";

/** The list of rooms as it is drawn. */
export interface RoomSections {
  readonly starred: readonly RoomListEntry[];
  /** Those that one is a member of; all open ones, as long as one is a member of none. */
  readonly rooms: readonly RoomListEntry[];
  /** Open to everybody, and one is no member. */
  readonly others: readonly RoomListEntry[];
  readonly direct: readonly RoomListEntry[];
  readonly archived: readonly RoomListEntry[];
}

let cachedCollator: { readonly locale: string | undefined; readonly collator: Intl.Collator } | undefined;

/** The list is put in order with every message that comes in; making a collator is dear. */
function getCollator(locale: string | undefined): Intl.Collator {
  if (cachedCollator === undefined || cachedCollator.locale !== locale)
    cachedCollator = { locale, collator: new Intl.Collator(locale) };
  return cachedCollator.collator;
}

export function groupIntoSections(
  rooms: readonly RoomListEntry[],
  me: string,
  starred: ReadonlySet<string>,
  locale?: string,
): RoomSections {
  const live = rooms.filter((room) => !room.archived && !starred.has(room.id));
  const mine = live.filter((room) => room.kind !== "direct" && room.role !== null);
  const others = live.filter((room) => room.kind !== "direct" && room.role === null);
  const direct = live.filter((room) => room.kind === "direct");
  const { compare } = getCollator(locale);
  return {
    starred: rooms.filter((room) => !room.archived && starred.has(room.id)),
    rooms: mine.length === 0 ? others : mine,
    others: mine.length === 0 ? [] : others,
    direct: direct.toSorted((a, b) => compare(getRoomName(a, me), getRoomName(b, me))),
    archived: rooms.filter((room) => room.archived),
  };
}

/** In the order in which they are drawn, without those that are folded away. */
export function flattenSections({ starred, rooms, others, direct }: RoomSections): readonly RoomListEntry[] {
  return [...starred, ...rooms, ...direct, ...others];
}
