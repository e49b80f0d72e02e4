import type { Room, Settings } from "@multichat/protocol";

/** The part of an actor that rights hang on. A superuser is always staff. */
export interface Viewer {
  readonly staff: boolean;
}

/**
 * Whether the room exists for this person. Everything asks this first, and where it says no the answer is the same as for
 * a room that was never made: lists, history, joining, sending, the text of errors.
 */
export function canSeeRoom(viewer: Viewer, room: Pick<Room, "staffOnly">): boolean {
  return viewer.staff || !room.staffOnly;
}

/** Of a room that the person can see: an archived room is read, by staff too, and not written to. */
export function canPost(_viewer: Viewer, room: Pick<Room, "archived">): boolean {
  return !room.archived;
}

/** A staff-only room is made by staff whatever the setting says: its maker would otherwise not see it. */
export function canCreateRoom(
  viewer: Viewer,
  settings: Pick<Settings, "roomCreators">,
  room: { readonly staffOnly?: boolean | undefined } = {},
): boolean {
  if (viewer.staff) return true;
  return settings.roomCreators === "everybody" && room.staffOnly !== true;
}

/** Renaming, topic, staff-only, archiving, deleting. */
export function canManageRooms(viewer: Viewer): boolean {
  return viewer.staff;
}

/** Warnings and alerts look like the house's own word: not everybody's to give. */
export function canPostNotice(viewer: Viewer): boolean {
  return viewer.staff;
}
