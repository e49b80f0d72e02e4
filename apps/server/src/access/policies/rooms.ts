import type { Room, RoomPatch, Settings } from "@multichat/protocol";
import { isModerator, isOwner, type Membership } from "./members.ts";
import type { Viewer } from "./viewer.ts";

/** The part of a room that decides for whom it exists. */
export interface RoomAudience extends Pick<Room, "kind" | "staffOnly"> {
  /** Of a private or direct room; null: not a matter of membership. */
  readonly members: ReadonlySet<string> | null;
  readonly banned: ReadonlySet<string>;
}

/**
 * Whether the room exists for this person. Everything asks this first, and where it says no the answer is the same as for
 * a room that was never made: lists, history, search, joining, sending, the text of errors. Staff have no door of their own
 * into private and direct rooms; the operator, who has the files, has one into private rooms.
 */
export function canSeeRoom(viewer: Pick<Viewer, "id" | "staff" | "operator">, room: RoomAudience): boolean {
  if (room.banned.has(viewer.id)) return false;
  if (room.staffOnly && !viewer.staff) return false;
  if (room.members === null || room.members.has(viewer.id)) return true;
  return viewer.operator === true && room.kind !== "direct";
}

/** Of a room that the person can see: an archived room is read, by staff too, and not written to. */
export function canPost(_viewer: Viewer, room: Pick<Room, "archived">): boolean {
  return !room.archived;
}

/** A staff-only room is made by staff whatever the setting says: its maker would otherwise not see it. */
export function canCreateRoom(
  viewer: Pick<Viewer, "staff">,
  settings: Pick<Settings, "roomCreators">,
  room: { readonly staffOnly?: boolean | undefined } = {},
): boolean {
  if (viewer.staff) return true;
  return settings.roomCreators === "everybody" && room.staffOnly !== true;
}

/** Of a room that the person can see. A direct room has no title, topic or door to change. */
export function canChangeRoom(
  viewer: Viewer,
  room: Pick<Room, "kind">,
  member: Membership,
  changes: { readonly [K in keyof RoomPatch]?: RoomPatch[K] | undefined },
): boolean {
  if (room.kind === "direct") return false;
  if (viewer.staff) return true;
  const { title, topic, slowModeSeconds, archived, kind, staffOnly } = changes;
  // A room's own people could shut themselves out by it.
  if (staffOnly !== undefined) return false;
  // Who may enter at all is not for the moderators that an owner has made.
  if (kind !== undefined && !isOwner(viewer, room, member)) return false;
  const anything = [title, topic, slowModeSeconds, archived].some((value) => value !== undefined);
  return !anything || isModerator(viewer, room, member);
}

/** Deleting is for staff and for the room's owners; a direct conversation is nobody's alone to delete. */
export function canDeleteRoom(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return room.kind !== "direct" && (viewer.staff || isOwner(viewer, room, member));
}

/** Warnings and alerts look like the house's own word: not everybody's to give. */
export function canPostNotice(viewer: Viewer): boolean {
  return viewer.staff;
}
