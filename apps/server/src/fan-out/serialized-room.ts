import { toPublicRoom } from "../access/public-room.ts";
import type { StoredRoom } from "../store/store.ts";
import type { SerializedAudience, SerializedRoom } from "./chat-events.ts";
import type { RoomVisibility } from "./last-broadcast-rooms.ts";

/** A stored room as plain data, for the other processes. */
export function serializeRoom(stored: StoredRoom): SerializedRoom {
  return {
    room: toPublicRoom(stored),
    rights: stored.accessVersion,
    audience: serializeAudience(stored),
    roles: [...stored.roles],
    muted: [...stored.mutedUntil],
  };
}

/** A room as another process keeps it. */
export function deserializeRoom({ room, rights, audience, roles, muted }: SerializedRoom): StoredRoom {
  return {
    ...room,
    accessVersion: rights,
    members: audience.members === null ? null : new Set(audience.members),
    banned: new Set(audience.banned),
    roles: new Map(roles),
    mutedUntil: new Map(muted),
  };
}

export function serializeAudience({ members, banned }: Pick<RoomVisibility, "members" | "banned">): SerializedAudience {
  return { members: members === null ? null : [...members], banned: [...banned] };
}
