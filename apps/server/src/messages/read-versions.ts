import type { CommandResult } from "@multichat/protocol";
import { canReadVersions } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { readVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { loadMessage, type MessageAddress } from "./change-message.ts";

/**
 * Returns what a message said before it was edited or deleted, where the server's settings allow it.
 * @throws Refusal ROOM_INVALID, MESSAGE_NOT_FOUND, FORBIDDEN.
 */
export async function readVersions(
  { store }: Pick<Context, "store">,
  actor: Actor,
  address: MessageAddress,
): Promise<CommandResult<"message.history">> {
  return await readVisibleRoom({ store }, actor, address.room, async () => {
    const { ref } = await loadMessage({ store }, actor, address);
    if (!canReadVersions(actor, await store.settings.get())) {
      throw new Refusal("FORBIDDEN", "Your account may not read earlier versions of messages on this server.");
    }
    return { versions: await store.messages.listVersions({ room: ref.room, message: ref.message }) };
  });
}
