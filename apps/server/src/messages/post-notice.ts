import type { Message, NoticeKind, RoomAddress } from "@multichat/protocol";
import { findMentionCandidates } from "@multichat/protocol/markup";
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
  /** Validated by the interface's schema. */
  readonly text: string;
  /** The sender's id of the notice. A retry with the same id posts nothing. @default a new id */
  readonly clientId?: string | undefined;
}

/**
 * Posts a notice to a room, into the same log as messages.
 * @throws Refusal ROOM_INVALID, FORBIDDEN, ROOM_ARCHIVED, UNAVAILABLE.
 */
export async function postNotice(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, kind, text, clientId = uuidv7() }: PostNotice,
): Promise<Message> {
  const mentionCandidates = findMentionCandidates(text);
  const result = await retryIfStale(async () => {
    // Visibility first: FORBIDDEN would reveal that the room exists.
    const room = await getVisibleRoom(context, actor, address);
    if (!canPostNotice(actor)) throw new Refusal("FORBIDDEN", "Only staff can post notices.");
    assertNotArchived(actor, room);
    const appended = await context.store.messages.append({
      room: room.id,
      accessVersion: room.accessVersion,
      author: toActorRef(actor),
      clientId,
      kind,
      body: text,
      mentionCandidates,
    });
    return { ...appended, room };
  });
  switch (result.outcome) {
    case "appended":
      await context.broadcasts.publishLogEventOnce(result.room, result.event);
      return result.message;
    case "repeated":
      return result.message;
    default:
      // A notice replies to no message and is exempt from slow mode.
      throw new Error(`expected the notice to be appended or repeated, got ${result.outcome}`);
  }
}
