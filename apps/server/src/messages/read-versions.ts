import type { CommandResult } from "@multichat/protocol";
import { canReadVersions } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { loadMessage, type MessageAddress } from "./change-message.ts";

/**
 * What a message said before it was edited or deleted, for those whom the settings let see it.
 * @throws Refusal ROOM_INVALID, MESSAGE_NOT_FOUND, FORBIDDEN.
 */
export async function readVersions(
  { store }: Pick<Context, "store">,
  actor: Actor,
  on: MessageAddress,
): Promise<CommandResult<"message.history">> {
  const { ref: at } = await loadMessage({ store }, actor, on);
  if (!canReadVersions(actor, await store.settings.get())) {
    throw new Refusal("FORBIDDEN", "What messages said before is not shown to your account on this server.");
  }
  return { versions: await store.messages.listVersions({ room: at.room, message: at.message }) };
}
