import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";

/** The room's own row assigns the seq, which serializes the writers of one room on every database; see also `RoomHeads`. */
const incrementAtVersion = prepared<{ room: string; access_version: number }, { last_seq: number }>((db, param) =>
  db
    .updateTable("room")
    .set((e) => ({ last_seq: e("last_seq", "+", 1) }))
    .where("id", "=", param("room"))
    .where("access_version", "=", param("access_version"))
    .where("deleted_at", "is", null)
    .returning("last_seq"),
);

const increment = prepared<{ room: string; access_version_step: number }, { last_seq: number }>((db, param) =>
  db
    .updateTable("room")
    .set((e) => ({
      last_seq: e("last_seq", "+", 1),
      access_version: e("access_version", "+", param("access_version_step")),
    }))
    .where("id", "=", param("room"))
    .where("deleted_at", "is", null)
    .returning("last_seq"),
);

const selectAtVersion = prepared<{ room: string; access_version: number }, { id: string }>((db, param) =>
  db
    .selectFrom("room")
    .select("id")
    .where("id", "=", param("room"))
    .where("access_version", "=", param("access_version"))
    .where("deleted_at", "is", null),
);

interface RoomVersion {
  readonly room: string;
  readonly accessVersion: number;
}

/** Reserves the room's next seq; undefined: the room is gone, or no longer at this access version. */
export async function reserveSeq(
  context: WriteContext,
  { room, accessVersion }: RoomVersion,
): Promise<number | undefined> {
  const [row] = await incrementAtVersion(context, { room, access_version: accessVersion });
  return row?.last_seq;
}

/** Reserves the next seq of a room that exists; a change that `revokesAccess` moves the room to its next access version. */
export async function reserveMemberSeq(
  context: WriteContext,
  { room, revokesAccess }: { room: string; revokesAccess: boolean },
): Promise<number> {
  const [row] = await increment(context, { room, access_version_step: revokesAccess ? 1 : 0 });
  if (row === undefined) throw new Error(`expected room ${room} to exist`);
  return row.last_seq;
}

/** Whether the room exists, and is at this access version. */
export async function isAtVersion(context: ReadContext, { room, accessVersion }: RoomVersion): Promise<boolean> {
  return (await selectAtVersion(context, { room, access_version: accessVersion })).length > 0;
}
