import type { Me, Message, RoomListEntry } from "@multichat/protocol";
import { canReachPeople } from "./room-policy.ts";
import { canModerate, canPin } from "./room-role.ts";

/** What the user may do to the messages of one room. */
export interface RoomPermissions {
  readonly userId: string;
  /** Writing, editing and reacting: the room is not archived, the user not muted, and the other person of a direct conversation active. */
  readonly canWrite: boolean;
  readonly isArchived: boolean;
  readonly canModerate: boolean;
  readonly canPin: boolean;
  /** May read what messages said before they were edited or deleted. */
  readonly canReadHistory: boolean;
}

interface RoomAccess {
  readonly room: Pick<RoomListEntry, "kind" | "role" | "archived" | "people">;
  readonly isMuted: boolean;
  readonly canReadHistory: boolean;
}

export function getRoomPermissions(me: Me, { room, isMuted, canReadHistory }: RoomAccess): RoomPermissions {
  const { archived: isArchived } = room;
  return {
    userId: me.id,
    canWrite: !isArchived && !isMuted && canReachPeople(me, room),
    isArchived,
    canModerate: canModerate(me, room),
    canPin: canPin(me, room) && !isArchived,
    canReadHistory,
  };
}

/** What the user may do to one message, by the rules of the server. */
export interface MessagePermissions {
  readonly canReply: boolean;
  readonly canReact: boolean;
  readonly canEdit: boolean;
  readonly canDelete: boolean;
  readonly canPin: boolean;
  /** What the user wrote is never unread. */
  readonly canMarkUnread: boolean;
  readonly canReadHistory: boolean;
  /** Has a link to copy, and may be forwarded. */
  readonly canCopy: boolean;
}

export function getMessagePermissions(message: Message, room: RoomPermissions): MessagePermissions {
  const exists = message.deletedAt === null;
  const isOwn = message.author?.id === room.userId;
  return {
    canReply: exists && room.canWrite,
    canReact: exists && room.canWrite,
    canEdit: exists && isOwn && message.kind === "message" && room.canWrite,
    // Moderators may delete in archived rooms, and authors may delete their own messages even while muted.
    canDelete: exists && (room.canModerate || (isOwn && !room.isArchived)),
    canPin: exists && room.canPin,
    canMarkUnread: exists && !isOwn,
    canReadHistory: room.canReadHistory && (message.editedAt !== null || !exists),
    canCopy: exists,
  };
}

/** Whether any action is offered for a message. */
export function hasAnyPermission(permissions: MessagePermissions): boolean {
  return Object.values(permissions).includes(true);
}
