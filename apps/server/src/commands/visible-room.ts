import type { RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canSeeRoom } from "../policies/rooms.ts";
import type { StoredRoom } from "../store/store.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";

/**
 * The room at an address, for this person. One that the person may not see is refused exactly as one that does not exist.
 * @throws Refusal ROOM_INVALID.
 */
export async function visibleRoom(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "staff">,
  address: RoomAddress,
): Promise<StoredRoom> {
  const room = await context.store.rooms.find(address);
  if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("ROOM_INVALID");
  return room;
}

/** A room as it travels: without what only the server needs. */
export function publicRoom({ rights: _, ...room }: StoredRoom): Omit<StoredRoom, "rights"> {
  return room;
}
