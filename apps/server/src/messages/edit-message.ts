import type { Message } from "@multichat/protocol";
import { findMentionCandidates } from "@multichat/protocol/markup";
import { toActorRef } from "../access/operator.ts";
import { canEdit, canMentionAll } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { assertCanWrite } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";
import { mentionsAll } from "./post-message.ts";

export interface EditMessage extends MessageAddress {
  /** Validated by the interface's schema. */
  readonly body: string;
  /** The `editedAt` of the message that the author edits, null for one that was never edited. @default any */
  readonly expectedEditedAt?: number | null | undefined;
}

/**
 * Replaces the body of the actor's own message. The same body again returns the first result.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED, MESSAGE_NOT_FOUND, MESSAGE_CHANGED, ROOM_ACCESS_DENIED, UNAVAILABLE.
 */
export async function editMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { body, expectedEditedAt, ...address }: EditMessage,
): Promise<{ readonly seq: number; readonly message: Message }> {
  const { seq, message: edited } = await changeMessage(context, actor, address, {
    apply: async ({ access, message, ref }) => {
      if (message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
      // A retry whose first attempt was applied succeeds, even if the author can no longer write.
      const isApplied = message.body === body && canEdit(actor, message);
      if (!isApplied) assertCanWrite(actor, access);
      if (!canEdit(actor, message)) {
        throw new Refusal("ROOM_ACCESS_DENIED", "Only the author can edit a message.");
      }
      const { room, member } = access;
      const mentionCandidates = findMentionCandidates(body);
      return await context.store.messages.edit({
        ref,
        body,
        expectedEditedAt,
        mentionCandidates,
        canMentionAll:
          mentionsAll(mentionCandidates) && canMentionAll(actor, room, member, await context.store.settings.get()),
        by: toActorRef(actor),
      });
    },
  });
  return { seq, message: edited };
}
