import type { RoomAddress } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canDeleteRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";

/** @throws Refusal ROOM_INVALID, FORBIDDEN, UNAVAILABLE. */
export async function deleteRoom(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<void> {
  const deleted = await retryIfStale(async () => {
    const { room, member } = await loadRoomAccess({ store }, actor, address);
    if (!canDeleteRoom(actor, room, member)) throw new Refusal("FORBIDDEN");
    const { id, accessVersion } = room;
    const by = toActorRef(actor);
    return { ...(await store.rooms.delete({ room: id, accessVersion, by, audit: auditSource(actor) })), id };
  });
  if (deleted.outcome === "unknown") throw new Refusal("ROOM_INVALID");
  await broadcasts.publishRoomDeletion({ id: deleted.id });
  await broadcasts.flush();
}
