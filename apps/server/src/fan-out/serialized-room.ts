import { publicRoom } from "../access/public-room.ts";
import type { StoredRoom } from "../store/store.ts";
import type { TravellingAudience, TravellingRoom } from "./chat-events.ts";
import type { ToldRoom } from "./last-broadcast-rooms.ts";

/** A stored room as plain data, for the other processes. */
export function packRoom(stored: StoredRoom): TravellingRoom {
  return {
    room: publicRoom(stored),
    rights: stored.accessVersion,
    audience: packAudience(stored),
    roles: [...stored.roles],
    muted: [...stored.mutedUntil],
  };
}

/** A room as another process keeps it. */
export function unpackRoom({ room, rights, audience, roles, muted }: TravellingRoom): StoredRoom {
  return {
    ...room,
    accessVersion: rights,
    members: audience.members === null ? null : new Set(audience.members),
    banned: new Set(audience.banned),
    roles: new Map(roles),
    mutedUntil: new Map(muted),
  };
}

export function packAudience({ members, banned }: Pick<ToldRoom, "members" | "banned">): TravellingAudience {
  return { members: members === null ? null : [...members], banned: [...banned] };
}
