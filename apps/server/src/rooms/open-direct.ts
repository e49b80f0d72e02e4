import type { Room } from "@multichat/protocol";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, isSelf, toAuthor } from "../people/index.ts";

/**
 * Returns the direct conversation of the actor and another user. Created on first use.
 * @param user Id or username.
 * @throws Refusal PERSON_DEACTIVATED; PERSON_NOT_FOUND, also where the user is the actor.
 */
export async function openDirect(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { user }: { readonly user: string },
): Promise<Room> {
  const account = await getAccount(context, user);
  if (isSelf(actor, account)) throw new Refusal("PERSON_NOT_FOUND", "A direct conversation needs another user.");
  if (!account.active) throw new Refusal("PERSON_DEACTIVATED");
  const { room, events } = await context.store.rooms.openDirect({ by: toAuthor(actor), other: toAuthor(account) });
  if (events.length > 0) await context.broadcasts.publishRoomChange(room);
  return toPublicRoom(room);
}
