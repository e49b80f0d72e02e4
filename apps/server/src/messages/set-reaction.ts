import { Refusal } from "../access/refusal.ts";
import { assertCanWrite, assertNotArchived } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";
import type { ReactionChange } from "./reaction-pacer.ts";

export interface SetReaction extends MessageAddress {
  /** One emoji, validated by the interface's schema. */
  readonly emoji: string;
  /** False: removes the actor's reaction. */
  readonly present: boolean;
}

/**
 * Adds or removes the actor's reaction to a message. Has no effect if it is there already, or gone already. A muted member may
 * remove reactions, but not add any.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED, MESSAGE_NOT_FOUND, LIMIT_EXCEEDED, UNAVAILABLE.
 */
export async function setReaction(
  context: Pick<Context, "store" | "broadcasts" | "limits">,
  actor: Actor,
  { emoji, present, ...address }: SetReaction,
): Promise<ReactionChange> {
  const { seq, isRepeat } = await changeMessage(context, actor, address, {
    apply: async ({ access, message, ref }) => {
      if (message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
      // A retry whose first attempt was applied succeeds, even if the actor can no longer write.
      const isApplied = present === message.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
      if (!isApplied) {
        if (present) assertCanWrite(actor, access);
        else assertNotArchived(actor, access.room);
      }
      const by = { id: actor.id, username: actor.username };
      return await context.store.messages.setReaction({ ref, emoji, present, by });
    },
    limitMessage: `A message can have at most ${context.limits.reactionsPerMessage} different reactions.`,
  });
  return { seq, isRepeat };
}
