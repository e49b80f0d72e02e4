import type { Role, Room } from "@multichat/protocol";
import type { Viewer } from "./viewer.ts";

/** The part of a membership that the policies read. A guest in an open room counts as a plain member. */
export interface Membership {
  readonly role: Role;
  readonly mutedUntil: number | null;
}

/** The user that an action in a room is aimed at. */
export interface Target {
  readonly id: string;
  readonly staff: boolean;
  readonly owner: boolean;
}

/**
 * Returns the role that a viewer acts with in a visible room. Staff act as moderators and superusers as owners. In a direct
 * conversation both participants are plain members, whatever they are elsewhere.
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

/** @param now Milliseconds since the epoch. */
export function isMuted(member: Membership, now: number): boolean {
  return member.mutedUntil !== null && member.mutedUntil > now;
}

/** Whether users may become members without an invitation. */
export function canJoin(room: Pick<Room, "kind">): boolean {
  return room.kind === "open";
}

/** A muted member cannot leave an open room: they could write there again as a guest. */
export function canLeave(room: Pick<Room, "kind">, member: Membership, now: number): boolean {
  if (room.kind === "direct") return false;
  return room.kind !== "open" || !isMuted(member, now);
}

/** Only owners make other users owners. */
export function canInvite(viewer: Viewer, room: Pick<Room, "kind">, member: Membership, role: Role): boolean {
  const rank = getEffectiveRole(viewer, room, member);
  return rank === "owner" || (rank === "moderator" && role !== "owner");
}

/** The list of bans is visible to everyone who could lift them. */
export function canListBans(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return isModerator(viewer, room, member);
}

/**
 * Whether the viewer may remove, ban or mute the target, or change the target's role. Moderators cannot manage owners. Only
 * staff can manage staff, so that a room cannot keep out those who run the server.
 */
export function canManage(viewer: Viewer, room: Pick<Room, "kind">, member: Membership, target: Target): boolean {
  if (target.staff && !viewer.staff && target.id !== viewer.id) return false;
  const rank = getEffectiveRole(viewer, room, member);
  return rank === "owner" || (rank === "moderator" && !target.owner);
}
