import type { RoomAddress } from "@multichat/protocol";
import type { Account, Actor } from "../accounts/accounts.ts";
import type { StoredRoom } from "../store/store.ts";
import { isMuted, type Membership, type Target } from "./policies/members.ts";
import { canPost, canReachPeople } from "./policies/rooms.ts";
import { Refusal } from "./refusal.ts";
import { getVisibleRoom, type RoomReader } from "./visible-room.ts";

/** A room that the actor can see, and the actor's membership in it. */
export interface RoomAccess {
  readonly room: StoredRoom;
  /** A plain member's where the actor is a guest in an open room. */
  readonly member: Membership;
}

/** Loads what the policies decide on. @throws Refusal ROOM_INVALID. */
export async function loadRoomAccess(
  context: RoomReader,
  actor: Pick<Actor, "id" | "staff">,
  address: RoomAddress,
): Promise<RoomAccess> {
  const room = await getVisibleRoom(context, actor, address);
  return { room, member: toMembership(room, actor.id) };
}

/** Returns the membership of a user, read from the cached room, which lists only members with a special role or a mute. */
export function toMembership({ roles, mutedUntil }: StoredRoom, user: string): Membership {
  return { role: roles.get(user) ?? "member", mutedUntil: mutedUntil.get(user) ?? null };
}

/** Returns an account as the target of an action in a room, for the policies. */
export function toTarget(room: StoredRoom, { id, staff }: Pick<Account, "id" | "staff">): Target {
  return { id, staff, owner: room.roles.get(id) === "owner" };
}

/** @throws Refusal ROOM_ARCHIVED, PERSON_DEACTIVATED; MEMBER_MUTED, with the seconds until the mute ends. */
export function assertCanWrite(actor: Actor, { room, member }: RoomAccess): void {
  assertNotArchived(actor, room);
  if (!canReachPeople(actor, room)) throw new Refusal("PERSON_DEACTIVATED");
  const now = Date.now();
  if (!isMuted(member, now)) return;
  throw new Refusal("MEMBER_MUTED", undefined, { retryAfter: Math.ceil(((member.mutedUntil ?? now) - now) / 1_000) });
}

/** @throws Refusal ROOM_ARCHIVED. */
export function assertNotArchived(actor: Actor, room: StoredRoom): void {
  if (!canPost(actor, room)) throw new Refusal("ROOM_ARCHIVED");
}
