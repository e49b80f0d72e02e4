import type { RoomAddress } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canDeleteRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import { loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";

/** @throws Refusal ROOM_INVALID, FORBIDDEN. */
export async function deleteRoom(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<void> {
  const { room, member } = await loadRoomAccess({ store }, actor, address);
  if (!canDeleteRoom(actor, room, member)) throw new Refusal("FORBIDDEN");
  const isDeleted = await store.rooms.delete({ room: room.id, by: toActorRef(actor), audit: auditSource(actor) });
  if (!isDeleted) throw new Refusal("ROOM_INVALID");
  await broadcasts.publishRoomDeletion({ id: room.id });
  await broadcasts.flush();
}
