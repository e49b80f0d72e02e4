import type { Role, RoomAddress } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canInvite, canJoin } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import { assertNotArchived, loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, toAuthor } from "../people/index.ts";
import type { IdempotencyKey } from "../store/store.ts";
import { changeMembership, type MembershipChange } from "./change-membership.ts";

export interface AddMember {
  readonly room: RoomAddress;
  /** Id or username. @default the actor */
  readonly user?: string | undefined;
  /** @default "member" */
  readonly role?: Role | undefined;
  /** The client's id of the change. */
  readonly clientId?: string | undefined;
}

/**
 * Joins an open room, or adds another user as a moderator. Has no effect for a user who is a member already.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, ROOM_ACCESS_DENIED, PERSON_NOT_FOUND,
 * PERSON_DEACTIVATED, MEMBER_BANNED, UNAVAILABLE.
 */
export function addMember(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  addition: AddMember,
): Promise<{ readonly seq: number }> {
  return changeMembership(context, actor, addition, (key) => add(context, actor, addition, key));
}

async function add(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { room: address, user, role = "member" }: AddMember,
  idempotencyKey: IdempotencyKey | undefined,
): Promise<MembershipChange> {
  const { room, member } = await loadRoomAccess(context, actor, address);
  assertNotArchived(actor, room);
  const isOwnJoin = user === undefined && role === "member" && canJoin(room);
  if (!isOwnJoin && !canInvite(actor, room, member, role)) {
    throw new Refusal("ROOM_ACCESS_DENIED", "Only moderators of the room can add people.");
  }
  const person = user === undefined ? { ...actor, active: true } : await getAccount(context, user);
  if (!person.active) throw new Refusal("PERSON_DEACTIVATED");
  if (room.staffOnly && !person.staff) {
    throw new Refusal("ROOM_ACCESS_DENIED", "This room is for staff only. Make the person staff first.");
  }
  const added = await context.store.members.add({
    room: room.id,
    accessVersion: room.accessVersion,
    user: toAuthor(person),
    role,
    by: toActorRef(actor),
    idempotencyKey,
  });
  return { ...added, user: person.id };
}
