import type { Me, Member, Role, Room, RoomListEntry } from "@multichat/protocol";
import { canModerate, getEffectiveRole, type RoomMembership } from "./room-role.ts";

/**
 * What a user may do in a room, by the rules of the server, so that the page offers nothing that would be refused. The server
 * decides again each time.
 */

/** Whether the user may change title, topic, slow mode and the archive state. */
export function canChangeRoom(me: Me, room: RoomMembership): boolean {
  return canModerate(me, room);
}

/** Whether the user may make the room open or private. */
export function canChangeKind(me: Me, room: RoomMembership): boolean {
  return room.kind !== "direct" && (me.staff || getEffectiveRole(me, room) === "owner");
}

export function canDeleteRoom(me: Me, room: RoomMembership): boolean {
  return canChangeKind(me, room);
}

export function canJoin(room: Pick<RoomListEntry, "kind" | "role" | "archived">): boolean {
  return room.kind === "open" && room.role === null && !room.archived;
}

/** @param now milliseconds since 1970 */
export function canLeave(room: Pick<RoomListEntry, "kind" | "role" | "mutedUntil">, now: number): boolean {
  if (room.kind === "direct" || room.role === null) return false;
  return room.kind === "private" || !isMuted(room.mutedUntil, now);
}

/** Whether someone reads what is written: a direct conversation with a deactivated account is read-only. */
export function canReachPeople(me: Pick<Me, "id">, room: Pick<Room, "people">): boolean {
  return room.people.every((person) => person.id === me.id || person.deactivated !== true);
}

export function canInvite(me: Me, room: RoomMembership & Pick<Room, "archived">): boolean {
  return canModerate(me, room) && !room.archived;
}

/** Returns the roles that the user may assign. */
export function getAssignableRoles(me: Me, room: RoomMembership): readonly Role[] {
  return getEffectiveRole(me, room) === "owner" ? ["member", "moderator", "owner"] : ["member", "moderator"];
}

/** Whether the user may remove, ban or mute this member, or change their role. */
export function canManage(me: Me, room: RoomMembership, target: Pick<Member, "user" | "role">): boolean {
  if (target.user.id === me.id) return false;
  const role = getEffectiveRole(me, room);
  return role === "owner" || (role === "moderator" && target.role !== "owner");
}

/** @param now milliseconds since 1970 */
export function isMuted(mutedUntil: number | null, now: number): boolean {
  return mutedUntil !== null && mutedUntil > now;
}
