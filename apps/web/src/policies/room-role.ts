import type { Me, Role, RoomListEntry } from "@multichat/protocol";

/** What decides a user's role in a room. */
export type RoomMembership = Pick<RoomListEntry, "kind" | "role">;

/** Staff count as moderators and superusers as owners of every room they can see; in a direct conversation both are equals. */
export function getEffectiveRole(me: Me, room: RoomMembership): Role {
  if (room.kind === "direct") return "member";
  if (me.superuser || room.role === "owner") return "owner";
  return me.staff || room.role === "moderator" ? "moderator" : "member";
}

export function canModerate(me: Me, room: RoomMembership): boolean {
  return getEffectiveRole(me, room) !== "member";
}

export function canPin(me: Me, room: RoomMembership): boolean {
  return room.kind === "direct" || canModerate(me, room);
}
