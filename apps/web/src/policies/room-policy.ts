import type { Me, Member, Role, Room, RoomListEntry } from "@multichat/protocol";

/**
 * What a person may do in a room, as the server decides it: so that nothing is offered that would be refused. The server
 * decides again each time.
 */

type Place = Pick<RoomListEntry, "kind" | "role">;

/** Staff act as moderators and superusers as owners wherever they may enter; in a direct conversation both are equals. */
export function rankIn(me: Me, room: Place): Role {
  if (room.kind === "direct") return "member";
  if (me.superuser || room.role === "owner") return "owner";
  return me.staff || room.role === "moderator" ? "moderator" : "member";
}

export function mayModerate(me: Me, room: Place): boolean {
  return rankIn(me, room) !== "member";
}

/** Title, topic, slow mode, archiving. */
export function mayChangeRoom(me: Me, room: Place): boolean {
  return mayModerate(me, room);
}

/** Whether the room is open or private. */
export function mayChangeKind(me: Me, room: Place): boolean {
  return room.kind !== "direct" && (me.staff || rankIn(me, room) === "owner");
}

export function mayDeleteRoom(me: Me, room: Place): boolean {
  return mayChangeKind(me, room);
}

export function mayPin(me: Me, room: Place): boolean {
  return room.kind === "direct" || mayModerate(me, room);
}

export function mayJoin(room: Pick<RoomListEntry, "kind" | "role" | "archived">): boolean {
  return room.kind === "open" && room.role === null && !room.archived;
}

/** @param now milliseconds since 1970 */
export function mayLeave(room: Pick<RoomListEntry, "kind" | "role" | "mutedUntil">, now: number): boolean {
  if (room.kind === "direct" || room.role === null) return false;
  return room.kind === "private" || !isMuted(room.mutedUntil, now);
}

export function mayInvite(me: Me, room: Place & Pick<Room, "archived">): boolean {
  return mayModerate(me, room) && !room.archived;
}

/** Roles that this person may give. */
export function rolesToGive(me: Me, room: Place): readonly Role[] {
  return rankIn(me, room) === "owner" ? ["member", "moderator", "owner"] : ["member", "moderator"];
}

/** Removing, banning, muting, giving another role. */
export function mayManage(me: Me, room: Place, target: Pick<Member, "user" | "role">): boolean {
  if (target.user.id === me.id) return false;
  const rank = rankIn(me, room);
  return rank === "owner" || (rank === "moderator" && target.role !== "owner");
}

/** @param now milliseconds since 1970 */
export function isMuted(mutedUntil: number | null, now: number): boolean {
  return mutedUntil !== null && mutedUntil > now;
}
