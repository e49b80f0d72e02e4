import type { Room, RoomPatch, Settings } from "@multichat/protocol";
import { isModerator, isOwner, type Membership } from "./members.ts";
import type { Viewer } from "./viewer.ts";

/** The part of a room that decides who can see it. */
export interface RoomAudience extends Pick<Room, "kind" | "staffOnly"> {
  /** The members of a private or direct room; null for an open room. */
  readonly members: ReadonlySet<string> | null;
  readonly banned: ReadonlySet<string>;
}

/**
 * Whether the viewer can see a room. Every command checks this first. Where it is false, lists, history, search, joining,
 * sending and error texts are the same as for a room that does not exist. Staff have no special access to private and direct
 * rooms; the operator, who has the database file anyway, can see private ones.
 */
export function canSeeRoom(viewer: Pick<Viewer, "id" | "staff" | "operator">, room: RoomAudience): boolean {
  if (room.banned.has(viewer.id)) return false;
  if (room.staffOnly && !viewer.staff) return false;
  if (room.members === null || room.members.has(viewer.id)) return true;
  return viewer.operator === true && room.kind !== "direct";
}

/** Archived rooms are read-only, for staff as well. Assumes that the viewer can see the room. */
export function canPost(_viewer: Viewer, room: Pick<Room, "archived">): boolean {
  return !room.archived;
}

/** Nobody reads a direct conversation with a deactivated account, so it is read-only until the account is active again. */
export function canReachPeople(viewer: Pick<Viewer, "id">, room: Pick<Room, "people">): boolean {
  return room.people.every((person) => person.id === viewer.id || person.deactivated !== true);
}

/** Only staff create staff-only rooms, whatever the setting says: anyone else could not see the new room. */
export function canCreateRoom(
  viewer: Pick<Viewer, "staff">,
  settings: Pick<Settings, "roomCreators">,
  room: { readonly staffOnly?: boolean | undefined } = {},
): boolean {
  if (viewer.staff) return true;
  return settings.roomCreators === "everybody" && room.staffOnly !== true;
}

/** A direct conversation has nothing to change. Assumes that the viewer can see the room. */
export function canChangeRoom(
  viewer: Viewer,
  room: Pick<Room, "kind">,
  member: Membership,
  changes: { readonly [K in keyof RoomPatch]?: RoomPatch[K] | undefined },
): boolean {
  if (room.kind === "direct") return false;
  if (viewer.staff) return true;
  const { title, topic, slowModeSeconds, archived, kind, staffOnly } = changes;
  // Members could lock themselves out.
  if (staffOnly !== undefined) return false;
  // Who may join is decided by owners, not by the moderators that they appointed.
  if (kind !== undefined && !isOwner(viewer, room, member)) return false;
  const needsModerator = [title, topic, slowModeSeconds, archived].some((value) => value !== undefined);
  return !needsModerator || isModerator(viewer, room, member);
}

/** Staff and owners delete a room. A direct conversation belongs to both participants, so neither deletes it. */
export function canDeleteRoom(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return room.kind !== "direct" && (viewer.staff || isOwner(viewer, room, member));
}

/** Warnings and alerts look like announcements of the server, so only staff post them. */
export function canPostNotice(viewer: Viewer): boolean {
  return viewer.staff;
}
