import type { Role, RoomAddress } from "@multichat/protocol";
import { replayOnDuplicate, toIdempotencyKey } from "../access/idempotency.ts";
import { toActorRef } from "../access/operator.ts";
import { canInvite, canManage } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import { loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, toAuthor } from "../people/index.ts";
import type { IdempotencyKey } from "../store/store.ts";
import { publishMembership, toTarget } from "./publish-membership.ts";

export interface ChangeMember {
  readonly room: RoomAddress;
  /** Id or username. */
  readonly user: string;
  readonly role?: Role | undefined;
  /** From now on; 0: no longer. */
  readonly muteSeconds?: number | undefined;
  /** The client's name for it. */
  readonly clientId?: string | undefined;
}

/** Milliseconds within which the same mute again is the first one's repetition after a lost reply, and not a longer one. */
const SAME_MUTE_MS = 30_000;

/**
 * Gives a member another role, or mutes somebody: a guest of an open room becomes a member by it, because a guest could
 * not be told apart.
 *
 * @throws Refusal ROOM_INVALID, ROOM_ACCESS_DENIED, PERSON_NOT_FOUND, MEMBER_BANNED, LAST_OWNER.
 */
export function changeMember(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  changing: ChangeMember,
): Promise<{ readonly seq: number }> {
  const intent = toIdempotencyKey(actor, changing.clientId);
  return replayOnDuplicate(context, intent, () => change(context, actor, changing, intent));
}

async function change(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { room: address, user, role, muteSeconds }: ChangeMember,
  intent: IdempotencyKey | undefined,
): Promise<{ readonly seq: number }> {
  const { room, member } = await loadRoomAccess(context, actor, address);
  const person = await getAccount(context, user);
  const target = toTarget(room, person);
  const may =
    room.kind !== "direct" &&
    canManage(actor, room, member, target) &&
    (role === undefined || canInvite(actor, room, member, role));
  if (!may)
    throw new Refusal("ROOM_ACCESS_DENIED", "Members are changed by moderators of the room, owners by an owner.");
  // Before anybody is brought in for it, who may have gone again since.
  const before = intent && (await context.store.eventLog.findSeqByKey(intent));
  if (before !== undefined) return { seq: before };
  const known = await context.store.members.find({ room: room.id, user: person.id });
  if (known === undefined) {
    if (room.kind !== "open" || muteSeconds === undefined || muteSeconds === 0) throw notAMember();
    const added = await context.store.members.add({
      room: room.id,
      user: toAuthor(person),
      role: "member",
      by: toActorRef(actor),
    });
    await publishMembership(context, person.id, added);
  }
  const mutedUntil = muteSeconds === undefined ? undefined : mute(muteSeconds, known?.mutedUntil ?? null);
  const changed = await context.store.members.change({
    room: room.id,
    user: person.id,
    changes: { role, mutedUntil },
    by: toActorRef(actor),
    idempotencyKey: intent,
  });
  if (changed.outcome === "unknown") throw notAMember();
  return await publishMembership(context, person.id, changed);
}

function mute(seconds: number, known: number | null): number | null {
  if (seconds === 0) return null;
  const until = Date.now() + seconds * 1_000;
  return known !== null && known <= until && until - known < SAME_MUTE_MS ? known : until;
}

function notAMember(): Refusal {
  return new Refusal("PERSON_NOT_FOUND", "This person is not a member of the room.");
}
