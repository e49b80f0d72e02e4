import type { Role, RoomAddress } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canInvite, canManage } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import { loadRoomAccess, toTarget } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { getAccount, toAuthor } from "../people/index.ts";
import type { IdempotencyKey } from "../store/store.ts";
import { changeMembership, type MembershipChange } from "./change-membership.ts";
import { publishMembership } from "./publish-membership.ts";

export interface ChangeMember {
  readonly room: RoomAddress;
  /** Id or username. */
  readonly user: string;
  readonly role?: Role | undefined;
  /** Counted from now; 0 ends the mute. */
  readonly muteSeconds?: number | undefined;
  /** The client's id of the change. */
  readonly clientId?: string | undefined;
}

/** A mute that would end this much later than the current one is a retry after a lost reply, and does not extend it. */
const SAME_MUTE_MS = 30_000;

/**
 * Changes a member's role or mute. Muting a guest of an open room makes them a member first, because a mute belongs to a
 * membership.
 *
 * @throws Refusal ROOM_INVALID, ROOM_ACCESS_DENIED, PERSON_NOT_FOUND, MEMBER_BANNED, LAST_OWNER, UNAVAILABLE.
 */
export function changeMember(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  change: ChangeMember,
): Promise<{ readonly seq: number }> {
  return changeMembership(context, actor, change, (key) => apply(context, actor, change, key));
}

async function apply(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { room: address, user, role, muteSeconds }: ChangeMember,
  idempotencyKey: IdempotencyKey | undefined,
): Promise<MembershipChange> {
  const { store } = context;
  const by = toActorRef(actor);
  const { room, member } = await loadRoomAccess(context, actor, address);
  const person = await getAccount(context, user);
  const isAllowed =
    room.kind !== "direct" &&
    canManage(actor, room, member, toTarget(room, person)) &&
    (role === undefined || canInvite(actor, room, member, role));
  if (!isAllowed) {
    throw new Refusal(
      "ROOM_ACCESS_DENIED",
      "Only moderators of the room can change its members, and only owners its owners.",
    );
  }
  // Before a guest is made a member: they may have left again since the first attempt.
  const firstSeq = idempotencyKey && (await store.eventLog.findSeqByKey(idempotencyKey));
  if (firstSeq !== undefined) return { outcome: "changed", seq: firstSeq, room, user: person.id };
  const ref = { room: room.id, accessVersion: room.accessVersion };
  const current = await store.members.find({ room: room.id, user: person.id });
  if (current === undefined) {
    if (room.kind !== "open" || muteSeconds === undefined || muteSeconds === 0) throw notAMember();
    const added = await store.members.add({ ...ref, user: toAuthor(person), role: "member", by });
    if (added.outcome === "stale") return { ...added, user: person.id };
    await publishMembership(context, person.id, added);
  }
  const mutedUntil = muteSeconds === undefined ? undefined : muteEnd(muteSeconds, current?.mutedUntil ?? null);
  const changes = { role, mutedUntil };
  const changed = await store.members.change({ ...ref, user: person.id, changes, by, idempotencyKey });
  if (changed.outcome === "unknown") throw notAMember();
  return { ...changed, user: person.id };
}

function muteEnd(seconds: number, current: number | null): number | null {
  if (seconds === 0) return null;
  const until = Date.now() + seconds * 1_000;
  return current !== null && current <= until && until - current < SAME_MUTE_MS ? current : until;
}

function notAMember(): Refusal {
  return new Refusal("PERSON_NOT_FOUND", "This person is not a member of the room.");
}
