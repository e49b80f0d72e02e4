import type { Selectable } from "kysely";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import type { InvitationRow } from "../database/tables.ts";
import { addMember } from "../members/change-members.ts";
import type { MemberChangeResult } from "../members/member-types.ts";
import { isStale, type StaleChange } from "../rooms/access-version.ts";
import { findRoom } from "../rooms/find-rooms.ts";
import {
  type AcceptedInvitation,
  type InvitedPerson,
  invitationState,
  type ListedInvitation,
  type NewInvitation,
  type StoredInvitation,
} from "./invitation.ts";
import { createPerson } from "./people.ts";
import type { PersonRefusal } from "./person.ts";

/** Invitations that people can still use, on one server. */
const MAX_OPEN = 500;
/** Invitations in a list, the newest first. */
const MAX_LISTED = 500;
/** Accounts in the list of one invitation. */
const MAX_PEOPLE_LISTED = 100;

/** Returns false where there are too many that people can still use. */
export async function createInvitation(
  context: WriteContext,
  { by, ...invitation }: NewInvitation & { readonly by: AuditSource },
): Promise<boolean> {
  const { db, now } = context;
  const { count } = await db
    .selectFrom("invitation")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("revoked_at", "is", null)
    .where((e) => e.or([e("expires_at", "is", null), e("expires_at", ">", now)]))
    .where((e) => e.or([e("max_uses", "is", null), e("uses", "<", e.ref("max_uses"))]))
    .executeTakeFirstOrThrow();
  if (Number(count) >= MAX_OPEN) return false;
  const { id, tokenHash, createdBy, expiresAt, maxUses, staff, rooms } = invitation;
  await db
    .insertInto("invitation")
    .values({
      id,
      token_hash: tokenHash,
      created_by: createdBy?.id ?? null,
      created_by_name: createdBy?.username ?? null,
      created_at: now,
      expires_at: expiresAt,
      max_uses: maxUses,
      uses: 0,
      staff: staff ? 1 : 0,
      rooms: JSON.stringify(rooms),
      revoked_at: null,
    })
    .execute();
  const details = { staff, uses: maxUses, rooms: rooms.length, expiresAt };
  await auditChange(context, { action: "invitation.create", target: id, details, by });
  return true;
}

export async function listInvitations(context: ReadContext): Promise<readonly ListedInvitation[]> {
  const { db } = context;
  const rows = await db
    .selectFrom("invitation")
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(MAX_LISTED)
    .execute();
  const listed: ListedInvitation[] = [];
  for (const row of rows) {
    const people =
      row.uses === 0
        ? []
        : await db
            .selectFrom("invitation_use")
            .select(["user as id", "user_name as username"])
            .where("invitation", "=", row.id)
            .orderBy("at", "desc")
            .limit(MAX_PEOPLE_LISTED)
            .execute();
    listed.push({ ...(await toInvitation(context, row)), people });
  }
  return listed;
}

export async function findInvitation(
  context: ReadContext,
  { tokenHash }: { readonly tokenHash: string },
): Promise<StoredInvitation | undefined> {
  const row = await selectByTokenHash(context, tokenHash);
  return row && toInvitation(context, row);
}

/** Returns the invitation as it was before; undefined where there is none. */
export async function getInvitation(
  context: ReadContext,
  { id }: { readonly id: string },
): Promise<StoredInvitation | undefined> {
  const row = await context.db.selectFrom("invitation").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toInvitation(context, row);
}

/** Has no effect on one that was revoked before. */
export async function revokeInvitation(
  context: WriteContext,
  { id, by }: { readonly id: string; readonly by: AuditSource },
): Promise<void> {
  const { numUpdatedRows } = await context.db
    .updateTable("invitation")
    .set({ revoked_at: context.now })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await auditChange(context, { action: "invitation.revoke", target: id, details: {}, by });
}

/**
 * Creates an account by an invitation: counts the use and makes the account a member of rooms, in one transaction. Relies on writes that
 * run one after another: of two people with the last use, the second finds it used.
 */
export async function acceptInvitation(
  context: WriteContext,
  { tokenHash, person, rooms, by }: InvitedPerson,
): Promise<AcceptedInvitation | PersonRefusal | "closed" | StaleChange> {
  const row = await selectByTokenHash(context, tokenHash);
  if (row === undefined) return "closed";
  const invitation = await toInvitation(context, row);
  if (invitationState(invitation, context.now) !== "open") return "closed";
  // Before the first change: what has returned is kept.
  for (const { room: id, accessVersion } of rooms) {
    const room = await findRoom(context, { id });
    if (room === undefined || isStale(room, { accessVersion })) return { outcome: "stale" };
  }
  const { id, staff, createdBy } = invitation;
  const details = { ...by.details, invitation: id };
  const created = await createPerson(context, {
    ...person,
    staff,
    superuser: false,
    passwordChangeRequired: false,
    by: { ...by, details },
  });
  if (typeof created === "string") return created;
  const { db, now } = context;
  await db
    .updateTable("invitation")
    .set((e) => ({ uses: e("uses", "+", 1) }))
    .where("id", "=", id)
    .execute();
  await db
    .insertInto("invitation_use")
    .values({ invitation: id, user: created.id, user_name: created.username, at: now })
    .execute();
  const user = { id: created.id, username: created.username };
  const joined: MemberChangeResult[] = [];
  for (const { room } of rooms) {
    const added = await addMember(context, { room, user, role: "member", by: createdBy });
    if (added.outcome !== "stale") joined.push(added);
  }
  return { outcome: "accepted", person: created, joined };
}

function selectByTokenHash({ db }: ReadContext, tokenHash: string): Promise<Selectable<InvitationRow> | undefined> {
  return db.selectFrom("invitation").selectAll().where("token_hash", "=", tokenHash).executeTakeFirst();
}

async function toInvitation({ db }: ReadContext, row: Selectable<InvitationRow>): Promise<StoredInvitation> {
  const creator =
    row.created_by === null
      ? undefined
      : await db
          .selectFrom("user")
          .select(["active", "staff", "superuser", "displayUsername"])
          .where("id", "=", row.created_by)
          .executeTakeFirst();
  const isBacked =
    row.created_by === null || (creator?.active === 1 && (row.staff === 1 ? creator.superuser : creator.staff) === 1);
  return {
    id: row.id,
    createdBy:
      row.created_by === null
        ? null
        : { id: row.created_by, username: creator?.displayUsername ?? row.created_by_name ?? row.created_by },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    maxUses: row.max_uses,
    uses: row.uses,
    staff: row.staff === 1,
    rooms: JSON.parse(row.rooms) as string[],
    revokedAt: row.revoked_at,
    isBacked,
  };
}
