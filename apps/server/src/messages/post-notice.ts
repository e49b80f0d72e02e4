import type { Message, NoticeKind, RoomAddress } from "@multichat/protocol";
import { uuidv7 } from "uuidv7";
import { toActorRef } from "../access/operator.ts";
import { canPostNotice } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { assertNotArchived } from "../access/room-access.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

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
  const placed = await retryIfStale(async () => {
    // First whether the room exists for this person: FORBIDDEN would tell that it does.
    const room = await getVisibleRoom(context, actor, address);
    if (!canPostNotice(actor)) throw new Refusal("FORBIDDEN", "Only staff place notices.");
    assertNotArchived(actor, room);
    const notice = { author: toActorRef(actor), clientId, kind, body: text };
    return {
      ...(await context.store.messages.append({ ...notice, room: room.id, accessVersion: room.accessVersion })),
      room,
    };
  });
  switch (placed.outcome) {
    case "appended":
      await context.broadcasts.publishLogEventOnce(placed.room, placed.event);
      return placed.message;
    case "repeated":
      return placed.message;
    default:
      // It answers no message, and nothing slows it down.
      throw new Error(`a notice was answered with ${placed.outcome}`);
  }
}
