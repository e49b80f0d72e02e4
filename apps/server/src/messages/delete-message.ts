import { toActorRef } from "../access/operator.ts";
import { isModerator } from "../access/policies/members.ts";
import { canDelete } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { assertNotArchived } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";

/**
 * Deletes a message, for its author, even while muted, or for a moderator. Only moderators delete in an archived room.
 * Deleting it again returns the first result.
 *
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MESSAGE_NOT_FOUND, ROOM_ACCESS_DENIED, UNAVAILABLE.
 */
export async function deleteMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  address: MessageAddress,
): Promise<{ readonly seq: number }> {
  const { seq } = await changeMessage(context, actor, address, {
    apply: async ({ access: { room, member }, message, ref }) => {
      if (!canDelete(actor, room, member, message)) {
        throw new Refusal("ROOM_ACCESS_DENIED", "Only the author or a moderator of the room can delete a message.");
      }
      if (!isModerator(actor, room, member)) assertNotArchived(actor, room);
      return await context.store.messages.delete({ ref, by: toActorRef(actor) });
    },
  });
  return { seq };
}
