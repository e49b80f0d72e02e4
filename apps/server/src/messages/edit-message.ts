import type { Message } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canEdit, canMentionAll } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { assertCanWrite } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";
import { mentionsEveryone } from "./post-message.ts";

export interface EditMessage extends MessageAddress {
  /** Checked by the schema of the door that it came in by. */
  readonly body: string;
}

/**
 * By its author. The same body again changes nothing and answers as before.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED, MESSAGE_NOT_FOUND, ROOM_ACCESS_DENIED, UNAVAILABLE.
 */
export async function editMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { body, ...on }: EditMessage,
): Promise<{ readonly seq: number; readonly message: Message }> {
  const { seq, message } = await changeMessage(context, actor, on, async ({ access: standing, message, ref: at }) => {
    if (message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
    // Asked again after a lost reply, it is so already, whatever has become of the person or the room meanwhile.
    if (message.body !== body || !canEdit(actor, message)) assertCanWrite(actor, standing);
    if (!canEdit(actor, message)) {
      throw new Refusal("ROOM_ACCESS_DENIED", "What somebody else has written is not yours to change.");
    }
    const { room, member } = standing;
    const mayMentionAll =
      mentionsEveryone(body) && canMentionAll(actor, room, member, await context.store.settings.get());
    return await context.store.messages.edit({ ref: at, body, canMentionAll: mayMentionAll, by: toActorRef(actor) });
  });
  return { seq, message };
}
