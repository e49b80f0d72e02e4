import type { Kysely } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { MemberRow, Tables } from "../database/tables.ts";

/** A membership as the queries select it, with the present username, or the last known one of a deleted account. */
export interface SelectedMember {
  user: string;
  user_name: string;
  role: string;
  since: number;
  muted_until: number | null;
}

/** Begins every query of members. */
export function selectMembers(db: Kysely<Tables>) {
  return db
    .selectFrom("member as k")
    .leftJoin("user as u", "u.id", "k.user")
    .select([
      "k.user",
      (e) => e.fn.coalesce("u.displayUsername", "k.user_name").as("user_name"),
      "k.role",
      "k.since",
      "k.muted_until",
    ]);
}

const selectMember = prepared<{ room: string; user: string }, SelectedMember & { seq: number }>((db, param) =>
  selectMembers(db).select("k.seq").where("k.room", "=", param("room")).where("k.user", "=", param("user")),
);

const countRows = prepared<{ room: string }, { count: number }>((db, param) =>
  db
    .selectFrom("member")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", param("room")),
);

const insertRow = prepared<Omit<MemberRow, "muted_until">, never>((db, param) =>
  db.insertInto("member").values({
    room: param("room"),
    user: param("user"),
    user_name: param("user_name"),
    role: param("role"),
    since: param("since"),
    muted_until: null,
    seq: param("seq"),
  }),
);

export async function insertMember(context: WriteContext, row: Omit<MemberRow, "muted_until">): Promise<void> {
  await insertRow(context, row);
}

export async function findMemberRow(
  context: ReadContext,
  where: { room: string; user: string },
): Promise<(SelectedMember & { seq: number }) | undefined> {
  const [row] = await selectMember(context, where);
  return row;
}

export async function countMembers(context: ReadContext, room: string): Promise<number> {
  const [row] = await countRows(context, { room });
  return row?.count ?? 0;
}
