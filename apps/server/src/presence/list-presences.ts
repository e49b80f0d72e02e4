import type { Presence } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import type { PresenceContext } from "./presence-context.ts";

/**
 * Returns the presences of those users who share a room with the actor: one that both can see. All other users are left out,
 * exactly like users who do not exist.
 *
 * @param users Ids.
 */
export async function listPresences(
  context: Pick<PresenceContext, "store" | "accounts" | "presence">,
  actor: Actor,
  { users }: { readonly users: readonly string[] },
): Promise<readonly Presence[]> {
  const presences = context.presence.list([...new Set(users)]);
  const rooms = await listVisibleRooms(context, actor);
  const isVisible = await Promise.all(
    presences.map(async ({ user }) => user === actor.id || (await canSeeAny(context, rooms, user))),
  );
  return presences.filter((_, index) => isVisible[index]);
}

/** Checks the rooms as for a user without staff status first, which takes no look-up of the account. */
async function canSeeAny(
  { accounts }: Pick<Context, "accounts">,
  rooms: readonly StoredRoom[],
  id: string,
): Promise<boolean> {
  if (rooms.some((room) => canSeeRoom({ id, staff: false }, room))) return true;
  const couldAsStaff = rooms.some((room) => canSeeRoom({ id, staff: true }, room));
  return couldAsStaff && (await accounts.find(id))?.staff === true;
}
