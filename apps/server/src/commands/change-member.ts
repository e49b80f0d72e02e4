import type { Role, RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canInvite, canManage } from "../policies/members.ts";
import type { Context } from "./context.ts";
import { authorOf, findPerson, targetIn, tellMembership } from "./members.ts";
import { byOf } from "./operator.ts";
import { Refusal } from "./refusal.ts";
import { standingIn } from "./standing.ts";

export interface ChangeMember {
  readonly room: RoomAddress;
  /** Id or username. */
  readonly user: string;
  readonly role?: Role | undefined;
  /** From now on; 0: no longer. */
  readonly muteSeconds?: number | undefined;
}

/** Milliseconds within which the same mute again is the first one's repetition after a lost reply, and not a longer one. */
const SAME_MUTE = 30_000;

/**
 * Gives a member another role, or mutes somebody: a guest of an open room becomes a member by it, because a guest could
 * not be told apart.
 *
 * @throws Refusal ROOM_INVALID, ROOM_ACCESS_DENIED, PERSON_INVALID, MEMBER_BANNED, LAST_OWNER.
 */
export async function changeMember(
  context: Pick<Context, "store" | "broadcasts" | "accounts">,
  actor: Actor,
  { room: address, user, role, muteSeconds }: ChangeMember,
): Promise<{ readonly seq: number }> {
  const { room, member } = await standingIn(context, actor, address);
  const person = await findPerson(context, user);
  const target = targetIn(room, person);
  const may =
    room.kind !== "direct" &&
    canManage(actor, room, member, target) &&
    (role === undefined || canInvite(actor, room, member, role));
  if (!may)
    throw new Refusal("ROOM_ACCESS_DENIED", "Members are changed by moderators of the room, owners by an owner.");
  const known = await context.store.members.of(room.id, person.id);
  if (known === undefined) {
    if (room.kind !== "open" || muteSeconds === undefined || muteSeconds === 0) throw notAMember();
    const added = await context.store.members.add(room.id, authorOf(person), "member", byOf(actor));
    await tellMembership(context, person.id, added);
  }
  const mutedUntil = muteSeconds === undefined ? undefined : mute(muteSeconds, known?.mutedUntil ?? null);
  const changed = await context.store.members.change(room.id, person.id, { role, mutedUntil }, byOf(actor));
  if (changed.outcome === "unknown") throw notAMember();
  return await tellMembership(context, person.id, changed);
}

function mute(seconds: number, known: number | null): number | null {
  if (seconds === 0) return null;
  const until = Date.now() + seconds * 1_000;
  return known !== null && known <= until && until - known < SAME_MUTE ? known : until;
}

function notAMember(): Refusal {
  return new Refusal("PERSON_INVALID", "This person is not a member of the room.");
}
