import { toActorRef } from "../access/operator.ts";
import { isModerator } from "../access/policies/members.ts";
import { canDelete } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { assertNotArchived } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";

/**
 * By its author, or by a moderator, who may do it in an archived room too: what must not stand there, must not. Who is muted
 * may still take back what they said. Again: answered as before.
 *
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MESSAGE_NOT_FOUND, ROOM_ACCESS_DENIED, UNAVAILABLE.
 */
export async function deleteMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  on: MessageAddress,
): Promise<{ readonly seq: number }> {
  const { seq } = await changeMessage(context, actor, on, async ({ access: { room, member }, message, ref: at }) => {
    if (!canDelete(actor, room, member, message)) {
      throw new Refusal("ROOM_ACCESS_DENIED", "A message is deleted by who wrote it, or by a moderator of the room.");
    }
    if (!isModerator(actor, room, member)) assertNotArchived(actor, room);
    return await context.store.messages.delete({ ref: at, by: toActorRef(actor) });
  });
  return { seq };
}
