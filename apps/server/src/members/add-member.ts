import type { Role, RoomAddress } from "@multichat/protocol";
import { replayOnDuplicate, toIdempotencyKey } from "../access/idempotency.ts";
import { toActorRef } from "../access/operator.ts";
import { canInvite, canJoin } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import { assertNotArchived, loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, toAuthor } from "../people/index.ts";
import type { IdempotencyKey } from "../store/store.ts";
import { publishMembership } from "./publish-membership.ts";

export interface AddMember {
  readonly room: RoomAddress;
  /** Id or username; nobody named: oneself. */
  readonly user?: string | undefined;
  /** @default member */
  readonly role?: Role | undefined;
  /** The client's name for it. */
  readonly clientId?: string | undefined;
}

/**
 * Becomes a member of an open room, or brings somebody as a moderator. Who is a member already stays what they are.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, ROOM_ACCESS_DENIED, PERSON_NOT_FOUND, MEMBER_BANNED.
 */
export function addMember(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  adding: AddMember,
): Promise<{ readonly seq: number }> {
  const intent = toIdempotencyKey(actor, adding.clientId);
  return replayOnDuplicate(context, intent, () => add(context, actor, adding, intent));
}

async function add(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { room: address, user, role = "member" }: AddMember,
  intent: IdempotencyKey | undefined,
): Promise<{ readonly seq: number }> {
  const { room, member } = await loadRoomAccess(context, actor, address);
  assertNotArchived(actor, room);
  const joins = user === undefined && role === "member" && canJoin(room);
  if (!joins && !canInvite(actor, room, member, role)) {
    throw new Refusal("ROOM_ACCESS_DENIED", "People are brought into a room by its moderators.");
  }
  const person = user === undefined ? { ...actor, active: true } : await getAccount(context, user);
  // Who has no account any more is not brought anywhere.
  if (!person.active) throw new Refusal("PERSON_NOT_FOUND");
  if (room.staffOnly && !person.staff) {
    throw new Refusal("ROOM_ACCESS_DENIED", "This room is for staff; make the person staff first.");
  }
  const added = await context.store.members.add({
    room: room.id,
    user: toAuthor(person),
    role,
    by: toActorRef(actor),
    idempotencyKey: intent,
  });
  return await publishMembership(context, person.id, added);
}
