import type { Member, Role } from "@multichat/protocol";
import { sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { countMembers, findMemberRow, type SelectedMember, selectMembers } from "./member-rows.ts";

const selectByRoom = prepared<{ room: string; limit: number }, SelectedMember>((db, param) =>
  selectMembers(db)
    .where("k.room", "=", param("room"))
    .orderBy(sql`case k.role when 'owner' then 0 when 'moderator' then 1 else 2 end`)
    .orderBy((e) => e.fn.coalesce("u.username", "k.user_name"))
    .orderBy("k.user")
    .limit(param("limit")),
);

const selectByUser = prepared<{ user: string }, SelectedMember & { room: string }>((db, param) =>
  selectMembers(db)
    .select("k.room")
    .innerJoin("room as r", "r.id", "k.room")
    .where("k.user", "=", param("user"))
    .where("r.deleted_at", "is", null),
);

function toMember(row: SelectedMember): Member {
  return {
    user: { id: row.user, username: row.user_name },
    // Written by `change-members.ts` and `create-room.ts` alone, from the same type.
    role: row.role as Role,
    since: row.since,
    mutedUntil: row.muted_until,
  };
}

export async function findMember(
  context: ReadContext,
  where: { room: string; user: string },
): Promise<Member | undefined> {
  const row = await findMemberRow(context, where);
  return row && toMember(row);
}

export async function listMembers(
  context: ReadContext,
  { room, limit }: { room: string; limit: number },
): Promise<{ readonly members: readonly Member[]; readonly count: number }> {
  const members = (await selectByRoom(context, { room, limit })).map(toMember);
  return { members, count: await countMembers(context, room) };
}

export async function listMembershipsOf(
  context: ReadContext,
  { user }: { user: string },
): Promise<ReadonlyMap<string, Member>> {
  return new Map((await selectByUser(context, { user })).map((row) => [row.room, toMember(row)]));
}
