import type { RoomListEntry } from "@multichat/protocol";
import { getRoomName } from "../../state/room-name.ts";

/** The sections of the room list. */
export interface RoomSections {
  readonly starred: readonly RoomListEntry[];
  /** The rooms that the user is a member of; while there are none, all open rooms. */
  readonly rooms: readonly RoomListEntry[];
  /** Open rooms that the user is not a member of. */
  readonly others: readonly RoomListEntry[];
  readonly direct: readonly RoomListEntry[];
  readonly archived: readonly RoomListEntry[];
}

let cachedCollator: { readonly locale: string | undefined; readonly collator: Intl.Collator } | undefined;

/** Caches the collator: it is expensive to create, and the list is sorted with every new message. */
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

/** Returns the rooms in the order of the list, without the archived ones. */
export function flattenSections({ starred, rooms, others, direct }: RoomSections): readonly RoomListEntry[] {
  return [...starred, ...rooms, ...direct, ...others];
}
