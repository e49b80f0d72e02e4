import type { Message, Room, Settings } from "@multichat/protocol";
import { isModerator, type Membership } from "./members.ts";
import type { Viewer } from "./viewer.ts";

type AuthoredMessage = Pick<Message, "author" | "kind">;

/** Only the author edits a message, even where others may delete it. Notices are never edited. */
export function canEdit(viewer: Pick<Viewer, "id">, message: AuthoredMessage): boolean {
  return message.kind === "message" && message.author?.id === viewer.id;
}

export function canDelete(
  viewer: Viewer,
  room: Pick<Room, "kind">,
  member: Membership,
  message: AuthoredMessage,
): boolean {
  return message.author?.id === viewer.id || isModerator(viewer, room, member);
}

/** In a direct conversation both participants may pin. */
export function canPin(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return room.kind === "direct" || isModerator(viewer, room, member);
}

/** Whether `@all` in the viewer's message mentions everyone. Otherwise it is plain text. */
export function canMentionAll(
  viewer: Viewer,
  room: Pick<Room, "kind">,
  member: Membership,
  { allMentioners }: Pick<Settings, "allMentioners">,
): boolean {
  switch (allMentioners) {
    case "everybody":
      return true;
    case "moderators":
      return isModerator(viewer, room, member);
    case "staff":
      return viewer.staff;
  }
}

/** Versions are what a message said before it was edited or deleted. */
export function canReadVersions(
  viewer: Pick<Viewer, "staff">,
  { historyReaders }: Pick<Settings, "historyReaders">,
): boolean {
  return historyReaders === "everybody" || (historyReaders === "staff" && viewer.staff);
}

/** Slow mode does not apply to moderators. */
export function isSubjectToSlowMode(
  viewer: Viewer,
  room: Pick<Room, "kind" | "slowModeSeconds">,
  member: Membership,
): boolean {
  return room.slowModeSeconds > 0 && !isModerator(viewer, room, member);
}
