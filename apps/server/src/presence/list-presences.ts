import type { Presence } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import type { PresenceContext } from "./presence-context.ts";

/**
 * Who of these people is there, of those whom the asker shares a room with: one that exists for both. Of everybody else
 * nothing is said, as of people who do not exist.
 *
 * @param users Ids.
 */
export async function listPresences(
  context: Pick<PresenceContext, "store" | "accounts" | "presence">,
  actor: Actor,
  { users }: { readonly users: readonly string[] },
): Promise<readonly Presence[]> {
  const there = context.presence.list([...new Set(users)]);
  const rooms = await listVisibleRooms(context, actor);
  const shared = await Promise.all(
    there.map(async ({ user }) => user === actor.id || (await sharesOne(context, rooms, user))),
  );
  return there.filter((_, place) => shared[place]);
}

/** Asked as somebody who is no staff first: that needs no look at the account. */
async function sharesOne(
  { accounts }: Pick<Context, "accounts">,
  rooms: readonly StoredRoom[],
  id: string,
): Promise<boolean> {
  if (rooms.some((room) => canSeeRoom({ id, staff: false }, room))) return true;
  const asStaff = rooms.some((room) => canSeeRoom({ id, staff: true }, room));
  return asStaff && (await accounts.find(id))?.staff === true;
}
