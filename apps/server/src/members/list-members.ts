import { LIMITS, type Member, type RoomAddress } from "@multichat/protocol";
import { readVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns at most 500 members by role, then name; `count` covers all of them. @throws Refusal ROOM_INVALID. */
export async function listMembers(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<{ readonly members: readonly Member[]; readonly count: number }> {
  return await readVisibleRoom({ store }, actor, address, ({ id }) =>
    store.members.list({ room: id, limit: LIMITS.peopleListed }),
  );
}
