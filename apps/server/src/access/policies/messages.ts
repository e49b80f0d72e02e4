import type { Message, Room, Settings } from "@multichat/protocol";
import { isModerator, type Membership } from "./members.ts";
import type { Viewer } from "./viewer.ts";

type AuthoredMessage = Pick<Message, "author" | "kind">;

/** What was written is changed by who wrote it, whoever else may delete it. A notice is no one's to edit. */
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

/** In a direct conversation both may. */
export function canPin(viewer: Viewer, room: Pick<Room, "kind">, member: Membership): boolean {
  return room.kind === "direct" || isModerator(viewer, room, member);
}

/** Whether `@all` of this person addresses everybody; for everyone else it is three letters. */
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

/** What a message said before it was edited or deleted. */
export function canReadVersions(
  viewer: Pick<Viewer, "staff">,
  { historyReaders }: Pick<Settings, "historyReaders">,
): boolean {
  return historyReaders === "everybody" || (historyReaders === "staff" && viewer.staff);
}

/** Moderators answer quickly where everybody else has to wait. */
export function isSubjectToSlowMode(
  viewer: Viewer,
  room: Pick<Room, "kind" | "slowModeSeconds">,
  member: Membership,
): boolean {
  return room.slowModeSeconds > 0 && !isModerator(viewer, room, member);
}
