import type { Kysely } from "kysely";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";

/** The room's own row gives out the seq, so the writers of one room stand in a line whatever the database. */
const takeAsAsked = prepared<{ room: string; rights: number }, { last_seq: number }>((db, hole) =>
  db
    .updateTable("room")
    .set((e) => ({ last_seq: e("last_seq", "+", 1) }))
    .where("id", "=", hole("room"))
    .where("rights", "=", hole("rights"))
    .where("deleted_at", "is", null)
    .returning("last_seq"),
);

const takeAnyhow = prepared<{ room: string; rights: number }, { last_seq: number }>((db, hole) =>
  db
    .updateTable("room")
    .set((e) => ({ last_seq: e("last_seq", "+", 1), rights: e("rights", "+", hole("rights")) }))
    .where("id", "=", hole("room"))
    .where("deleted_at", "is", null)
    .returning("last_seq"),
);

const giveBack = prepared<{ room: string }, never>((db, hole) =>
  db
    .updateTable("room")
    .set((e) => ({ last_seq: e("last_seq", "-", 1) }))
    .where("id", "=", hole("room")),
);

/** Undefined: the room is not as the policy saw it. */
export async function reserveSeqAt(
  db: Kysely<Tables>,
  { room, accessVersion }: { room: string; accessVersion: number },
): Promise<number | undefined> {
  const [place] = await takeAsAsked(db, { room, rights: accessVersion });
  return place?.last_seq;
}

/** The next seq of a room that is there; `lessRights`: the change takes access away. */
export async function reserveNextSeq(db: Kysely<Tables>, room: string, lessRights: boolean): Promise<number> {
  const [place] = await takeAnyhow(db, { room, rights: lessRights ? 1 : 0 });
  if (place === undefined) throw new Error(`room ${room} is not there any more`);
  return place.last_seq;
}

/** Only in the transaction that took it: the room's row is locked since, so nobody has seen the seq that goes back. */
export async function releaseSeq(db: Kysely<Tables>, { room }: { room: string }): Promise<void> {
  await giveBack(db, { room });
}
