import type { Role, Room } from "@multichat/protocol";
import type { Viewer } from "./viewer.ts";

/** The part of a membership that rights hang on. A guest in an open room is counted as a plain member. */
export interface Membership {
  readonly role: Role;
  readonly mutedUntil: number | null;
}

/** Somebody that something is to be done to, in a room. */
export interface Target {
  readonly id: string;
  readonly staff: boolean;
  readonly owner: boolean;
}

/**
 * What somebody may be counted as in a room that they can see. Staff act as moderators and superusers as owners wherever
 * they may enter; the two people of a direct conversation are equals, whoever they are elsewhere.
 */
export function getEffectiveRole(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): Role {
  if (room.kind === "direct") return "member";
  if (viewer.superuser === true || member.role === "owner") return "owner";
  return viewer.staff || member.role === "moderator" ? "moderator" : "member";
}

export function isModerator(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return getEffectiveRole(viewer, room, member) !== "member";
}

export function isOwner(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return getEffectiveRole(viewer, room, member) === "owner";
}

/** @param now Milliseconds since 1970. */
export function isMuted(member: Membership, now: number): boolean {
  return member.mutedUntil !== null && member.mutedUntil > now;
}

/** Becoming a member by oneself: of what is open to everybody who can see it. */
export function canJoin(room: Pick<Room, "kind">): boolean {
  return room.kind === "open";
}

/** Who is muted in an open room could otherwise go, and write as the guest that everybody is there. */
export function canLeave(room: Pick<Room, "kind">, member: Membership, now: number): boolean {
  if (room.kind === "direct") return false;
  return room.kind !== "open" || !isMuted(member, now);
}

/** Inviting somebody, as `role`. Who is to be an owner is for owners to say. */
export function canInvite(viewer: Viewer, room: Pick<Room, "kind">, member: Membership, role: Role): boolean {
  const rank = getEffectiveRole(viewer, room, member);
  return rank === "owner" || (rank === "moderator" && role !== "owner");
}

/** Who is banned is known to those who could lift it. */
export function canListBans(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return isModerator(viewer, room, member);
}

/**
 * Removing, banning, muting somebody or changing their role: not owners by moderators, and not staff by anybody who is not:
 * a room's people must not be able to keep out who looks after the house.
 */
export function canManage(viewer: Viewer, room: Pick<Room, "kind">, member: Membership, target: Target): boolean {
  if (target.staff && !viewer.staff && target.id !== viewer.id) return false;
  const rank = getEffectiveRole(viewer, room, member);
  return rank === "owner" || (rank === "moderator" && !target.owner);
}
