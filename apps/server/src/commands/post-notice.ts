import { type Message, MESSAGE_KINDS, type MessageKind, type RoomAddress } from "@multichat/protocol";
import { uuidv7 } from "uuidv7";
import type { Actor } from "../accounts/accounts.ts";
import { canPostNotice } from "../policies/rooms.ts";
import type { Context } from "./context.ts";
import { byOf } from "./operator.ts";
import { Refusal } from "./refusal.ts";
import { visibleRoom } from "./visible-room.ts";

export type NoticeKind = Exclude<MessageKind, "message">;

export const NOTICE_KINDS: readonly NoticeKind[] = Object.freeze(
  MESSAGE_KINDS.filter((kind): kind is NoticeKind => kind !== "message"),
);

export interface PostNotice {
  readonly room: RoomAddress;
  readonly kind: NoticeKind;
  /** Checked by the schema of the door that it came in by. */
  readonly text: string;
  /** The sender's name for it: the same one again posts nothing. @default a new one */
  readonly clientId?: string | undefined;
}

const ATTEMPTS = 5;

/**
 * Places a notice in a room: kept in the log as messages are, and on every open page at once. Archived rooms take none.
 * @throws Refusal FORBIDDEN, ROOM_INVALID, ROOM_ARCHIVED; UNAVAILABLE when the room never stood still.
 */
export async function postNotice(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, kind, text, clientId = uuidv7() }: PostNotice,
): Promise<Message> {
  if (!canPostNotice(actor)) throw new Refusal("FORBIDDEN", "Only staff place notices.");
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const room = await visibleRoom(context, actor, address);
    if (room.archived) throw new Refusal("ROOM_ARCHIVED");
    const appended = await context.store.messages.append({
      room: room.id,
      rights: room.rights,
      author: byOf(actor),
      clientId,
      kind,
      body: text,
    });
    if (appended.outcome === "stale") continue;
    if (appended.outcome === "appended") await context.broadcasts.logged(room, appended.event);
    return appended.message;
  }
  throw new Refusal("UNAVAILABLE", "The room is being changed at this moment; try again.", { retryAfter: 1 });
}
