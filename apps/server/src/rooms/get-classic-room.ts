import { canSeeRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";

/**
 * The room with a number, as the classic protocol finds it: that protocol has two codes where the chat's own has one.
 * @throws Refusal ROOM_INVALID for a room that does not exist, ROOM_ACCESS_DENIED for one that staff alone may see. Rooms that
 * are closed to this person for another reason, which the original did not know, do not exist here either.
 */
export async function getClassicRoom(
  { store }: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff">,
  number: number,
): Promise<StoredRoom> {
  const room = await store.rooms.find(number);
  if (room === undefined) throw new Refusal("ROOM_INVALID");
  if (canSeeRoom(actor, room)) return room;
  throw new Refusal(canSeeRoom({ ...actor, staff: true }, room) ? "ROOM_ACCESS_DENIED" : "ROOM_INVALID");
}
