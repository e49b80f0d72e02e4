import type { Me, Message, RoomListEntry } from "@multichat/protocol";
import { canModerate, canPin } from "./room-policy.ts";

/** What a person may do to the messages of one room. */
export interface RoomPermissions {
  readonly userId: string;
  /** Neither archived nor muted: may write, edit, react. */
  readonly canWrite: boolean;
  readonly isArchived: boolean;
  readonly canModerate: boolean;
  readonly canPin: boolean;
  /** See what messages said before. */
  readonly canReadHistory: boolean;
}

interface RoomAccess {
  readonly room: Pick<RoomListEntry, "kind" | "role" | "archived">;
  readonly isMuted: boolean;
  readonly canReadHistory: boolean;
}

export function getRoomPermissions(me: Me, { room, isMuted, canReadHistory }: RoomAccess): RoomPermissions {
  const { archived: isArchived } = room;
  return {
    userId: me.id,
    canWrite: !isArchived && !isMuted,
    isArchived,
    canModerate: canModerate(me, room),
    canPin: canPin(me, room) && !isArchived,
    canReadHistory,
  };
}

/** What may be done to one message, as the server decides it. */
export interface MessagePermissions {
  readonly canReply: boolean;
  readonly canReact: boolean;
  readonly canEdit: boolean;
  readonly canDelete: boolean;
  readonly canPin: boolean;
  readonly canReadHistory: boolean;
  /** There is an address and a text to copy. */
  readonly canCopy: boolean;
}

export function getMessagePermissions(message: Message, room: RoomPermissions): MessagePermissions {
  const exists = message.deletedAt === null;
  const isOwn = message.author?.id === room.userId;
  return {
    canReply: exists && room.canWrite,
    canReact: exists && room.canWrite,
    canEdit: exists && isOwn && message.kind === "message" && room.canWrite,
    // A moderator's broom reaches into the archive; what is one's own is taken back even when muted.
    canDelete: exists && (room.canModerate || (isOwn && !room.isArchived)),
    canPin: exists && room.canPin,
    canReadHistory: room.canReadHistory && (message.editedAt !== null || !exists),
    canCopy: exists,
  };
}

/** Whether there is anything to offer for a message. */
export function hasAnyPermission(permissions: MessagePermissions): boolean {
  return Object.values(permissions).includes(true);
}
