import type { RoomAddress } from "@multichat/protocol";
import { replayOnDuplicate, toIdempotencyKey } from "../access/idempotency.ts";
import { toActorRef } from "../access/operator.ts";
import { canLeave, canManage } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import { loadRoomAccess, type RoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, isSelf, toAuthor } from "../people/index.ts";
import type { IdempotencyKey } from "../store/store.ts";
import { publishMembership, toTarget } from "./publish-membership.ts";

export interface RemoveMember {
  readonly room: RoomAddress;
  /** Id or username; nobody named: oneself. */
  readonly user?: string | undefined;
  /** True: for good, also somebody who is no member; false: lifts that; left out: stays as it is. */
  readonly ban?: boolean | undefined;
  /** The client's name for it. */
  readonly clientId?: string | undefined;
}

/**
 * Leaves a room, or removes somebody as a moderator. Who is not there already: answered as if it had just been done.
 * @throws Refusal ROOM_INVALID, ROOM_ACCESS_DENIED, MEMBER_MUTED, PERSON_NOT_FOUND, LAST_OWNER.
 */
export function removeMember(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  removal: RemoveMember,
): Promise<{ readonly seq: number }> {
  const intent = toIdempotencyKey(actor, removal.clientId);
  return replayOnDuplicate(context, intent, () => remove(context, actor, removal, intent));
}

async function remove(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { room: address, user, ban }: RemoveMember,
  intent: IdempotencyKey | undefined,
): Promise<{ readonly seq: number }> {
  const standing = await loadRoomAccess(context, actor, address);
  const { room, member } = standing;
  const person = user === undefined ? actor : await getAccount(context, user);
  if (isSelf(actor, person)) assertMayLeave(standing, ban);
  else if (room.kind === "direct" || !canManage(actor, room, member, toTarget(room, person))) {
    throw new Refusal("ROOM_ACCESS_DENIED", "People are removed by moderators of the room, its owners by an owner.");
  }
  const removed = await context.store.members.remove({
    room: room.id,
    user: toAuthor(person),
    ban,
    by: toActorRef(actor),
    idempotencyKey: intent,
  });
  return await publishMembership(context, person.id, removed);
}

function assertMayLeave({ room, member }: RoomAccess, ban: boolean | undefined): void {
  if (ban !== undefined) throw new Refusal("ROOM_ACCESS_DENIED", "Nobody bans themselves; leave the room instead.");
  if (room.kind === "direct") throw new Refusal("ROOM_ACCESS_DENIED", "A direct conversation cannot be left.");
  if (!canLeave(room, member, Date.now())) {
    throw new Refusal("MEMBER_MUTED", "You are muted in this room, and can leave it when that is over.");
  }
}
