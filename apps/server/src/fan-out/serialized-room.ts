import { toPublicRoom } from "../access/public-room.ts";
import type { StoredRoom } from "../store/store.ts";
import type { SerializedAudience, SerializedRoom } from "./chat-events.ts";
import type { RoomVisibility } from "./last-broadcast-rooms.ts";

/** Turns a stored room into plain data for the other processes. */
export function serializeRoom(stored: StoredRoom): SerializedRoom {
  return {
    room: toPublicRoom(stored),
    accessVersion: stored.accessVersion,
    audience: serializeAudience(stored),
    roles: [...stored.roles],
    muted: [...stored.mutedUntil],
  };
}

export function deserializeRoom({ room, accessVersion, audience, roles, muted }: SerializedRoom): StoredRoom {
  return {
    ...room,
    accessVersion,
    members: audience.members === null ? null : new Set(audience.members),
    banned: new Set(audience.banned),
    roles: new Map(roles),
    mutedUntil: new Map(muted),
  };
}

export function serializeAudience({ members, banned }: Pick<RoomVisibility, "members" | "banned">): SerializedAudience {
  return { members: members === null ? null : [...members], banned: [...banned] };
}
