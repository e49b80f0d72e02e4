import type { Me, Message, RoomListEntry } from "@multichat/protocol";
import { mayModerate, mayPin } from "./room-policy.ts";

/** What a person may do to the messages of one room. */
export interface RoomRights {
  readonly me: string;
  /** Neither archived nor muted: may write, edit, react. */
  readonly write: boolean;
  readonly archived: boolean;
  readonly moderate: boolean;
  readonly pin: boolean;
  /** See what messages said before. */
  readonly versions: boolean;
}

interface Standing {
  readonly room: Pick<RoomListEntry, "kind" | "role" | "archived">;
  readonly muted: boolean;
  readonly versions: boolean;
}

export function rightsIn(me: Me, { room, muted, versions }: Standing): RoomRights {
  const { archived } = room;
  return {
    me: me.id,
    write: !archived && !muted,
    archived,
    moderate: mayModerate(me, room),
    pin: mayPin(me, room) && !archived,
    versions,
  };
}

/** What may be done to one message, as the server decides it. */
export interface MessageRights {
  readonly reply: boolean;
  readonly react: boolean;
  readonly edit: boolean;
  readonly remove: boolean;
  readonly pin: boolean;
  readonly versions: boolean;
  /** There is an address and a text to copy. */
  readonly copy: boolean;
}

export function rightsOf(message: Message, rights: RoomRights): MessageRights {
  const there = message.deletedAt === null;
  const own = message.author?.id === rights.me;
  return {
    reply: there && rights.write,
    react: there && rights.write,
    edit: there && own && message.kind === "message" && rights.write,
    // A moderator's broom reaches into the archive; what is one's own is taken back even when muted.
    remove: there && (rights.moderate || (own && !rights.archived)),
    pin: there && rights.pin,
    versions: rights.versions && (message.editedAt !== null || !there),
    copy: there,
  };
}

/** Whether there is anything to offer for a message. */
export function offersAnything(rights: MessageRights): boolean {
  return Object.values(rights).includes(true);
}
