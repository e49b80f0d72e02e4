import type { Message, NoticeKind, RoomAddress } from "@multichat/protocol";
import { uuidv7 } from "uuidv7";
import type { Actor } from "../accounts/accounts.ts";
import { canPostNotice } from "../policies/rooms.ts";
import { appendMessage } from "./append-message.ts";
import type { Context } from "./context.ts";
import { byOf } from "./operator.ts";
import { Refusal } from "./refusal.ts";
import { visibleRoom } from "./visible-room.ts";

export interface PostNotice {
  readonly room: RoomAddress;
  readonly kind: NoticeKind;
  /** Checked by the schema of the door that it came in by. */
  readonly text: string;
  /** The sender's name for it: the same one again posts nothing. @default a new one */
  readonly clientId?: string | undefined;
}

/**
 * Places a notice in a room: kept in the log as messages are, and on every open page at once. Archived rooms take none.
 * @throws Refusal ROOM_INVALID, FORBIDDEN, ROOM_ARCHIVED; UNAVAILABLE when the room never stood still.
 */
export async function postNotice(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, kind, text, clientId = uuidv7() }: PostNotice,
): Promise<Message> {
  // First whether the room exists for this person: FORBIDDEN would tell that it does.
  await visibleRoom(context, actor, address);
  if (!canPostNotice(actor)) throw new Refusal("FORBIDDEN", "Only staff place notices.");
  const { room, appended } = await appendMessage(context, actor, address, {
    author: byOf(actor),
    clientId,
    kind,
    body: text,
  });
  if (appended.outcome === "appended") await context.broadcasts.loggedOnce(room, appended.event);
  return appended.message;
}
