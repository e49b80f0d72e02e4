import { canSeeRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";

/**
 * Returns a room by its number, with the two refusals of the classic protocol. Rooms that are hidden for a reason that the
 * classic protocol does not know (private rooms, bans) do not exist for it.
 * @throws Refusal ROOM_ACCESS_DENIED for a room that the actor would see with staff status, otherwise ROOM_INVALID.
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
