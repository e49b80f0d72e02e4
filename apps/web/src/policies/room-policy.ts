import type { Me, Member, Role, Room, RoomListEntry } from "@multichat/protocol";

/**
 * What a person may do in a room, as the server decides it: so that nothing is offered that would be refused. The server
 * decides again each time.
 */

type RoomMembership = Pick<RoomListEntry, "kind" | "role">;

/** Staff act as moderators and superusers as owners wherever they may enter; in a direct conversation both are equals. */
export function getEffectiveRole(me: Me, room: RoomMembership): Role {
  if (room.kind === "direct") return "member";
  if (me.superuser || room.role === "owner") return "owner";
  return me.staff || room.role === "moderator" ? "moderator" : "member";
}

export function canModerate(me: Me, room: RoomMembership): boolean {
  return getEffectiveRole(me, room) !== "member";
}

/** Title, topic, slow mode, archiving. */
export function canChangeRoom(me: Me, room: RoomMembership): boolean {
  return canModerate(me, room);
}

/** Whether the room is open or private. */
export function canChangeKind(me: Me, room: RoomMembership): boolean {
  return room.kind !== "direct" && (me.staff || getEffectiveRole(me, room) === "owner");
}

export function canDeleteRoom(me: Me, room: RoomMembership): boolean {
  return canChangeKind(me, room);
}

export function canPin(me: Me, room: RoomMembership): boolean {
  return room.kind === "direct" || canModerate(me, room);
}

export function canJoin(room: Pick<RoomListEntry, "kind" | "role" | "archived">): boolean {
  return room.kind === "open" && room.role === null && !room.archived;
}

/** @param now milliseconds since 1970 */
export function canLeave(room: Pick<RoomListEntry, "kind" | "role" | "mutedUntil">, now: number): boolean {
  if (room.kind === "direct" || room.role === null) return false;
  return room.kind === "private" || !isMuted(room.mutedUntil, now);
}

export function canInvite(me: Me, room: RoomMembership & Pick<Room, "archived">): boolean {
  return canModerate(me, room) && !room.archived;
}

/** Roles that this person may give. */
export function getAssignableRoles(me: Me, room: RoomMembership): readonly Role[] {
  return getEffectiveRole(me, room) === "owner" ? ["member", "moderator", "owner"] : ["member", "moderator"];
}

/** Removing, banning, muting, giving another role. */
export function canManage(me: Me, room: RoomMembership, target: Pick<Member, "user" | "role">): boolean {
  if (target.user.id === me.id) return false;
  const role = getEffectiveRole(me, room);
  return role === "owner" || (role === "moderator" && target.role !== "owner");
}

/** @param now milliseconds since 1970 */
export function isMuted(mutedUntil: number | null, now: number): boolean {
  return mutedUntil !== null && mutedUntil > now;
}
