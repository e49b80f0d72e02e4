import type { Target } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import type { Account } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { MemberChangeResult, StoredRoom } from "../store/store.ts";

/** The person, as the policies look at somebody that something is done to. */
export function toTarget(room: StoredRoom, { id, staff }: Pick<Account, "id" | "staff">): Target {
  return { id, staff, owner: room.roles.get(id) === "owner" };
}

/**
 * Tells what became of somebody's membership: first that person, who hears the room from now on or does so no more, then the room.
 * @throws Refusal MEMBER_BANNED, LAST_OWNER; ROOM_INVALID for a room that was deleted meanwhile.
 */
export async function publishMembership(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  user: string,
  changed: MemberChangeResult,
): Promise<{ readonly seq: number }> {
  switch (changed.outcome) {
    case "unknown":
      throw new Refusal("ROOM_INVALID");
    case "banned":
      throw new Refusal("MEMBER_BANNED");
    case "last-owner":
      throw new Refusal("LAST_OWNER");
    case "changed": {
      const { room, event, seq } = changed;
      if (event !== undefined) {
        const member = await store.members.find({ room: room.id, user });
        await broadcasts.publishMemberChange(room, user, member ?? null);
        await broadcasts.publishLogEventOnce(room, event);
        await broadcasts.flush();
      }
      return { seq };
    }
  }
}
