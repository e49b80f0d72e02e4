import type { RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canManageRooms } from "../policies/rooms.ts";
import type { Context } from "./context.ts";
import { byOf } from "./operator.ts";
import { Refusal } from "./refusal.ts";
import { visibleRoom } from "./visible-room.ts";

/** @throws Refusal ROOM_INVALID; FORBIDDEN. */
export async function deleteRoom(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<void> {
  const { id } = await visibleRoom({ store }, actor, address);
  if (!canManageRooms(actor)) throw new Refusal("FORBIDDEN");
  const deleted = await store.rooms.delete(id, byOf(actor));
  if (!deleted) throw new Refusal("ROOM_INVALID");
  await broadcasts.roomDeleted({ id });
  await broadcasts.settled();
}
