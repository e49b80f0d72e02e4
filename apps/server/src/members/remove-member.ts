import type { RoomAddress } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canLeave, canManage } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import { loadRoomAccess, type RoomAccess, toTarget } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, isSelf, toAuthor } from "../people/index.ts";
import type { IdempotencyKey } from "../store/store.ts";
import { changeMembership, type MembershipChange } from "./change-membership.ts";

export interface RemoveMember {
  readonly room: RoomAddress;
  /** Id or username. @default the actor */
  readonly user?: string | undefined;
  /** True bans the user, also one who is not a member; false lifts a ban. @default leaves a ban as it is */
  readonly ban?: boolean | undefined;
  /** The client's id of the change. */
  readonly clientId?: string | undefined;
}

/**
 * Leaves a room, or removes another user as a moderator. Succeeds for a user who is not a member.
 * @throws Refusal ROOM_INVALID, ROOM_ACCESS_DENIED, MEMBER_MUTED, PERSON_NOT_FOUND, LAST_OWNER, UNAVAILABLE.
 */
export function removeMember(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  removal: RemoveMember,
): Promise<{ readonly seq: number }> {
  return changeMembership(context, actor, removal, (key) => remove(context, actor, removal, key));
}

async function remove(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { room: address, user, ban }: RemoveMember,
  idempotencyKey: IdempotencyKey | undefined,
): Promise<MembershipChange> {
  const access = await loadRoomAccess(context, actor, address);
  const { room, member } = access;
  const person = user === undefined ? actor : await getAccount(context, user);
  if (isSelf(actor, person)) {
    assertCanLeave(access, { ban });
  } else if (room.kind === "direct" || !canManage(actor, room, member, toTarget(room, person))) {
    throw new Refusal(
      "ROOM_ACCESS_DENIED",
      "Only moderators of the room can remove people, and only owners can remove owners.",
    );
  }
  const removed = await context.store.members.remove({
    room: room.id,
    accessVersion: room.accessVersion,
    user: toAuthor(person),
    ban,
    by: toActorRef(actor),
    idempotencyKey,
  });
  return { ...removed, user: person.id };
}

function assertCanLeave({ room, member }: RoomAccess, { ban }: Pick<RemoveMember, "ban">): void {
  if (ban !== undefined) {
    throw new Refusal("ROOM_ACCESS_DENIED", "You cannot ban yourself. Leave the room instead.");
  }
  if (room.kind === "direct") throw new Refusal("ROOM_ACCESS_DENIED", "You cannot leave a direct conversation.");
  if (!canLeave(room, member, Date.now())) {
    throw new Refusal("MEMBER_MUTED", "You are muted in this room. You can leave it when the mute ends.");
  }
}
