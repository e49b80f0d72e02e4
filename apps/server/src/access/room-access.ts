import type { RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { StoredRoom } from "../store/store.ts";
import { isMuted, type Membership } from "./policies/members.ts";
import { canPost } from "./policies/rooms.ts";
import { Refusal } from "./refusal.ts";
import { getVisibleRoom, type RoomReader } from "./visible-room.ts";

/** A room that somebody can see, and what they may be counted as in it. */
export interface RoomAccess {
  readonly room: StoredRoom;
  /** Of a guest in an open room: as of a plain member. */
  readonly member: Membership;
}

/** @throws Refusal ROOM_INVALID. */
export async function loadRoomAccess(
  context: RoomReader,
  actor: Pick<Actor, "id" | "staff">,
  address: RoomAddress,
): Promise<RoomAccess> {
  const room = await getVisibleRoom(context, actor, address);
  return { room, member: toMembership(room, actor.id) };
}

/** From memory, where the room keeps who stands out among its people. */
function toMembership({ roles, mutedUntil: muted }: StoredRoom, user: string): Membership {
  return { role: roles.get(user) ?? "member", mutedUntil: muted.get(user) ?? null };
}

/** @throws Refusal ROOM_ARCHIVED; MEMBER_MUTED, with the seconds until it is over. */
export function assertCanWrite(actor: Actor, { room, member }: RoomAccess): void {
  assertNotArchived(actor, room);
  const now = Date.now();
  if (!isMuted(member, now)) return;
  throw new Refusal("MEMBER_MUTED", undefined, { retryAfter: Math.ceil(((member.mutedUntil ?? now) - now) / 1_000) });
}

/** @throws Refusal ROOM_ARCHIVED. */
export function assertNotArchived(actor: Actor, room: StoredRoom): void {
  if (!canPost(actor, room)) throw new Refusal("ROOM_ARCHIVED");
}
