import type { Room } from "@multichat/protocol";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, isSelf, toAuthor } from "../people/index.ts";

/**
 * The direct conversation with somebody: made at the first time, the same one ever after.
 * @param user Id or username.
 * @throws Refusal PERSON_NOT_FOUND, also for oneself.
 */
export async function openDirect(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { user }: { readonly user: string },
): Promise<Room> {
  const person = await getAccount(context, user);
  if (!person.active) throw new Refusal("PERSON_NOT_FOUND");
  if (isSelf(actor, person)) throw new Refusal("PERSON_NOT_FOUND", "A direct conversation is with somebody else.");
  const { room, events } = await context.store.rooms.openDirect({ by: toAuthor(actor), other: toAuthor(person) });
  if (events.length > 0) await context.broadcasts.publishRoomChange(room);
  return toPublicRoom(room);
}
