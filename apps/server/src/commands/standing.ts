import { setTimeout } from "node:timers/promises";
import type { RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { isMuted, type Membership } from "../policies/members.ts";
import { canPost } from "../policies/rooms.ts";
import type { StoredRoom } from "../store/store.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";
import { visibleRoom } from "./visible-room.ts";

/** A room that somebody can see, and what they may be counted as in it. */
export interface Standing {
  readonly room: StoredRoom;
  /** Of a guest in an open room: as of a plain member. */
  readonly member: Membership;
}

/** @throws Refusal ROOM_INVALID. */
export async function standingIn(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff">,
  address: RoomAddress,
): Promise<Standing> {
  const room = await visibleRoom(context, actor, address);
  return { room, member: membershipIn(room, actor.id) };
}

/** From memory, where the room keeps who stands out among its people. */
function membershipIn({ roles, muted }: StoredRoom, user: string): Membership {
  return { role: roles.get(user) ?? "member", mutedUntil: muted.get(user) ?? null };
}

/** @throws Refusal ROOM_ARCHIVED; MEMBER_MUTED, with the seconds until it is over. */
export function assertMayWrite(actor: Actor, { room, member }: Standing): void {
  assertNotArchived(actor, room);
  const now = Date.now();
  if (!isMuted(member, now)) return;
  throw new Refusal("MEMBER_MUTED", undefined, { retryAfter: Math.ceil(((member.mutedUntil ?? now) - now) / 1_000) });
}

/** @throws Refusal ROOM_ARCHIVED. */
export function assertNotArchived(actor: Actor, room: StoredRoom): void {
  if (!canPost(actor, room)) throw new Refusal("ROOM_ARCHIVED");
}

/**
 * Milliseconds before each look at the room: a second one at once, for a change that this process made under the attempt,
 * and then in the time that it takes to hear of another process's.
 */
const LOOKS = [0, 0, 20, 100, 200] as const;

/**
 * Asks the policy and writes, again where the room's rights have changed between the two (`stale`: nothing was written).
 * @throws Refusal UNAVAILABLE when the room never stood still; whatever the attempt throws.
 */
export async function whileRoomStands<T extends { readonly outcome: string }>(
  attempt: () => Promise<T>,
): Promise<Exclude<T, { readonly outcome: "stale" }>> {
  for (const delay of LOOKS) {
    if (delay > 0) await setTimeout(delay);
    const done = await attempt();
    // The compiler cannot narrow a type parameter by a member.
    if (done.outcome !== "stale") return done as Exclude<T, { readonly outcome: "stale" }>;
  }
  throw new Refusal("UNAVAILABLE", "The room is being changed at this moment; try again.", { retryAfter: 1 });
}
