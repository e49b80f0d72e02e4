import type { Invitation, Person, RoomAddress } from "@multichat/protocol";
import { assertConfirmed } from "../access/confirmation.ts";
import { OPERATOR, toActorRef } from "../access/operator.ts";
import { canInvite } from "../access/policies/members.ts";
import { canManageInvitation, canSeePeople } from "../access/policies/people.ts";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { assertNotArchived, loadRoomAccess, toMembership } from "../access/room-access.ts";
import type { Actor, RequestOrigin } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";
import { publishMembership } from "../members/index.ts";
import { assertNotReserved, assertStrongPassword, toPerson, unwrapAccount } from "../people/index.ts";
import { invitationState } from "../store/people/invitation.ts";
import type { AuditSource, StoredRoom } from "../store/store.ts";

const WEEK_SECONDS = 7 * 24 * 60 * 60;

interface CreateInvitation {
  /** How many accounts it creates; null: any number. @default 1 */
  readonly maxUses?: number | null | undefined;
  /** null: never. @default 7 days */
  readonly expiresInSeconds?: number | null | undefined;
  /** The accounts are staff. */
  readonly staff?: boolean | undefined;
  /** The rooms that the accounts become members of. */
  readonly rooms?: readonly RoomAddress[] | undefined;
}

/**
 * Creates an invitation link and returns its secret, which is stored hashed and cannot be shown again.
 * @throws Refusal FORBIDDEN, CONFIRMATION_REQUIRED for staff accounts, ROOM_INVALID, ROOM_ARCHIVED, ROOM_ACCESS_DENIED, LIMIT_EXCEEDED.
 */
export async function createInvitation(
  context: Pick<Context, "store" | "accounts">,
  actor: Actor,
  { maxUses = 1, expiresInSeconds = WEEK_SECONDS, staff = false, rooms: addresses = [] }: CreateInvitation,
): Promise<{ readonly invitation: Invitation; readonly token: string }> {
  if (!canManageInvitation(actor, { staff })) throw new Refusal("FORBIDDEN");
  if (staff) assertConfirmed(actor);
  const rooms = new Map<string, StoredRoom>();
  for (const address of addresses) {
    const room = await findInvitableRoom(context, actor, address, { staff });
    rooms.set(room.id, room);
  }
  const now = Date.now();
  const expiresAt = expiresInSeconds === null ? null : now + expiresInSeconds * 1_000;
  const by = toActorRef(actor);
  const wanted = { createdBy: by, expiresAt, maxUses, staff, rooms: [...rooms.keys()] };
  const created = await context.accounts.links.createInvitation(wanted, auditSource(actor));
  if (created === undefined) {
    throw new Refusal("LIMIT_EXCEEDED", "There are too many open invitations. Revoke some first.");
  }
  const invitation = {
    id: created.id,
    state: "open",
    by,
    createdAt: now,
    expiresAt,
    maxUses,
    uses: 0,
    staff,
    rooms: [...rooms.values()].map(toRoomName),
    people: [],
  } as const;
  return { invitation, token: created.token };
}

async function findInvitableRoom(
  context: Pick<Context, "store">,
  actor: Actor,
  address: RoomAddress,
  { staff }: { readonly staff: boolean },
): Promise<StoredRoom> {
  const { room, member } = await loadRoomAccess(context, actor, address);
  assertNotArchived(actor, room);
  if (room.kind === "direct" || !canInvite(actor, room, member, "member")) {
    throw new Refusal("ROOM_ACCESS_DENIED", "Only moderators of the room can add people.");
  }
  if (room.staffOnly && !staff) {
    throw new Refusal("ROOM_ACCESS_DENIED", "This room is for staff only, and the invitation is not for staff.");
  }
  return room;
}

/** Returns the invitations, the newest first, with those of their rooms that the actor can see. @throws Refusal FORBIDDEN. */
export async function listInvitations(
  { store, accounts }: Pick<Context, "store" | "accounts">,
  actor: Actor,
): Promise<readonly Invitation[]> {
  if (!canSeePeople(actor)) throw new Refusal("FORBIDDEN");
  const listed = await accounts.links.listInvitations();
  // Last, so that nothing is waited for between the check and the answer.
  const rooms = new Map((await store.rooms.list()).map((room) => [room.id, room]));
  const now = Date.now();
  return listed.map((stored) => {
    const { id, createdBy, createdAt, expiresAt, maxUses, uses, staff, people } = stored;
    const visible = stored.rooms.flatMap((room) => {
      const found = rooms.get(room);
      return found !== undefined && canSeeRoom(actor, found) ? [toRoomName(found)] : [];
    });
    const state = invitationState(stored, now);
    return { id, state, by: createdBy, createdAt, expiresAt, maxUses, uses, staff, rooms: visible, people };
  });
}

/** Has no effect on an invitation that was revoked before. @throws Refusal FORBIDDEN, NOT_FOUND. */
export async function revokeInvitation(
  { accounts }: Pick<Context, "accounts">,
  actor: Actor,
  { invitation: id }: { readonly invitation: string },
): Promise<void> {
  if (!canSeePeople(actor)) throw new Refusal("FORBIDDEN");
  const invitation = await accounts.links.getInvitation(id);
  if (invitation === undefined) throw new Refusal("NOT_FOUND", "There is no such invitation.");
  if (!canManageInvitation(actor, invitation)) throw new Refusal("FORBIDDEN");
  await accounts.links.revokeInvitation(id, auditSource(actor));
}

/** Returns who invites. @throws Refusal LINK_INVALID, whatever the reason. */
export async function readInvitation(
  { accounts }: Pick<Context, "accounts">,
  { token }: { readonly token: string },
): Promise<{ readonly by: string | null }> {
  const invitation = await accounts.links.findInvitation(token);
  if (invitation === undefined || invitationState(invitation, Date.now()) !== "open") throw new Refusal("LINK_INVALID");
  return { by: invitation.createdBy?.username ?? null };
}

interface AcceptInvitation {
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
}

/**
 * Creates an account by an invitation, and makes it a member of the rooms that the inviter may still invite to.
 * @throws Refusal LINK_INVALID, USERNAME_TAKEN, USERNAME_CONFUSABLE, USERNAME_RESERVED; COMMAND_INVALID for a password that is easy to
 * guess.
 */
export async function acceptInvitation(
  context: Pick<Context, "store" | "accounts" | "broadcasts">,
  input: AcceptInvitation,
  origin: RequestOrigin,
): Promise<Person> {
  const { links } = context.accounts;
  await readInvitation(context, input);
  assertNotReserved({}, input.username);
  await assertStrongPassword(input.password, input);
  const by: AuditSource = { actor: null, address: origin.address, request: origin.request };
  const accepted = await retryIfStale(async () => {
    const rooms = await listRoomsToJoin(context, input.token);
    const result = await links.acceptInvitation(input, rooms, by);
    return typeof result === "string" ? { outcome: "refused" as const, reason: result } : result;
  });
  if (accepted.outcome === "refused") {
    if (accepted.reason === "closed") throw new Refusal("LINK_INVALID");
    unwrapAccount(accepted.reason);
    throw new Error(`expected ${accepted.reason} to be refused`);
  }
  const person = await context.accounts.find(accepted.person.id);
  if (person === undefined) throw new Error("expected the account that was created");
  for (const joined of accepted.joined) {
    if (joined.outcome === "changed") await publishMembership(context, person.id, joined);
  }
  await context.broadcasts.flush();
  return toPerson(person);
}

/** Returns the rooms of an invitation that its creator may invite to now: rights may have been lost since it was made. */
async function listRoomsToJoin({ store, accounts }: Pick<Context, "store" | "accounts">, token: string) {
  const invitation = await accounts.links.findInvitation(token);
  if (invitation === undefined) return [];
  const account = invitation.createdBy === null ? undefined : await accounts.find(invitation.createdBy.id);
  // Only the command line has no account; the rights of one that is gone are none.
  if (account === undefined && invitation.createdBy !== null) return [];
  const inviter: Actor = account === undefined ? OPERATOR : { ...account, session: null };
  const found = await Promise.all(invitation.rooms.map((id) => store.rooms.find(id)));
  return found.flatMap((room) => {
    if (room === undefined || room.kind === "direct" || room.archived) return [];
    if (room.staffOnly && !invitation.staff) return [];
    if (!canSeeRoom(inviter, room) || !canInvite(inviter, room, toMembership(room, inviter.id), "member")) return [];
    return [{ room: room.id, accessVersion: room.accessVersion }];
  });
}

function toRoomName({ id, number, title }: StoredRoom) {
  return { id, number, title };
}
