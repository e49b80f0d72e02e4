import { Refusal } from "../access/refusal.ts";
import { assertCanWrite, assertNotArchived } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";

export interface React extends MessageAddress {
  /** One emoji: checked by the schema of the door that it came in by. */
  readonly emoji: string;
  /** False: takes one's own back. */
  readonly add: boolean;
}

/**
 * Adds one's reaction to a message or takes it back; what is so already stays so. Who is muted may take back, not add.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED, MESSAGE_NOT_FOUND, LIMIT_EXCEEDED, UNAVAILABLE.
 */
export async function react(
  context: Pick<Context, "store" | "broadcasts" | "limits">,
  actor: Actor,
  { emoji, add, ...on }: React,
): Promise<{ readonly seq: number }> {
  const full = `A message has at most ${context.limits.reactionsPerMessage} different reactions.`;
  const { seq } = await changeMessage(
    context,
    actor,
    on,
    async ({ access: standing, message, ref: at }) => {
      if (message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
      // Asked again after a lost reply, it is so already, whatever has become of the person or the room meanwhile.
      const isThere = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
      if (add !== isThere) {
        if (add) assertCanWrite(actor, standing);
        else assertNotArchived(actor, standing.room);
      }
      return await context.store.messages.setReaction({
        ref: at,
        emoji,
        present: add,
        by: { id: actor.id, username: actor.username },
      });
    },
    full,
  );
  return { seq };
}
