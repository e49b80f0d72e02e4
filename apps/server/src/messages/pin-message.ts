import { toActorRef } from "../access/operator.ts";
import { canPin } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { assertNotArchived } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";

export interface PinMessage extends MessageAddress {
  /** False: unpins the message. */
  readonly pinned: boolean;
}

/**
 * Pins or unpins a message. Has no effect where it is pinned, or unpinned, already.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MESSAGE_NOT_FOUND, ROOM_ACCESS_DENIED, LIMIT_EXCEEDED, UNAVAILABLE.
 */
export async function pinMessage(
  context: Pick<Context, "store" | "broadcasts" | "limits">,
  actor: Actor,
  { pinned, ...address }: PinMessage,
): Promise<{ readonly seq: number }> {
  const { seq } = await changeMessage(context, actor, address, {
    apply: async ({ access: { room, member }, message, ref }) => {
      if (pinned && message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
      assertNotArchived(actor, room);
      if (!canPin(actor, room, member)) {
        throw new Refusal("ROOM_ACCESS_DENIED", "Only moderators of the room can pin messages.");
      }
      return await context.store.messages.setPinned({ ref, pinned, by: toActorRef(actor) });
    },
    limitMessage: `A room can have at most ${context.limits.pinsPerRoom} pinned messages, and long ones only up to 200,000 bytes together. Unpin one first.`,
  });
  return { seq };
}
