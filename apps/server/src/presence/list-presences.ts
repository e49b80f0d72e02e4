import type { Presence } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
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
  const known = context.presence.list([...new Set(users)]).map(({ user }) => user);
  const isStaff = await findStaff(context, await listVisibleRooms(context, actor), known);
  // Once more and last, so that nothing is waited for between the check and the answer.
  const rooms = await listVisibleRooms(context, actor);
  return context.presence
    .list(known)
    .filter(({ user: id }) => id === actor.id || canSeeAny(rooms, { id, staff: isStaff.has(id) }));
}

/** Returns those of the users who are staff, of whom only those matter who can see no room without it: each takes a look-up. */
async function findStaff(
  { accounts }: Pick<PresenceContext, "accounts">,
  rooms: readonly StoredRoom[],
  users: readonly string[],
): Promise<ReadonlySet<string>> {
  const candidates = users.filter(
    (id) => !canSeeAny(rooms, { id, staff: false }) && canSeeAny(rooms, { id, staff: true }),
  );
  const accountsOf = await Promise.all(candidates.map((id) => accounts.find(id)));
  return new Set(accountsOf.flatMap((account) => (account?.staff === true ? [account.id] : [])));
}

function canSeeAny(rooms: readonly StoredRoom[], viewer: { readonly id: string; readonly staff: boolean }): boolean {
  return rooms.some((room) => canSeeRoom(viewer, room));
}
