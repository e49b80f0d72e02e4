import { sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { getMeta } from "../database/meta.ts";
import { prepared } from "../database/prepared.ts";
import { findRoom } from "../rooms/find-rooms.ts";
import type { StoredRoom } from "../rooms/stored-room.ts";
import type { ChangeFeedEntry, ChangeFeedPage, ChangeRecord, StoreChange } from "./store-change.ts";

const PAGE_SIZE = 1_000;

/** Where the id of the last change is stored that was trimmed. */
export const TRIMMED_KEY = "changes.trimmed";

interface ChangeId {
  readonly id: number;
  readonly origin: string;
}

/** Relies on ids that grow in the order of the commits. */
const selectChangesAfter = prepared<{ lastId: number }, { id: number; origin: string; kind: string; data: string }>(
  (db, param) =>
    db
      .selectFrom("change")
      .select(["id", "origin", "kind", "data"])
      .where("id", ">", param("lastId"))
      .orderBy("id")
      .limit(PAGE_SIZE),
);

const selectOwnChangesAfter = prepared<{ lastId: number; origin: string }, { id: number; kind: string; data: string }>(
  (db, param) =>
    db
      .selectFrom("change")
      .select(["id", "kind", "data"])
      .where("id", ">", param("lastId"))
      .where("origin", "=", param("origin"))
      .where("kind", "<>", sql.lit("tail"))
      .orderBy("id"),
);

const selectLastId = prepared<Record<never, never>, { id: number | null }>((db) =>
  db.selectFrom("change").select((e) => e.fn.max("id").as("id")),
);

export async function lastChangeId(context: ReadContext): Promise<number> {
  const [row] = await selectLastId(context, {});
  return row?.id ?? 0;
}

/**
 * Returns what other processes have changed after the change `lastId`.
 *
 * @param isOwn whether this process has made a change, which its caller then knows.
 * @param isUnanswered whether this process waits for the end of the transaction of a change; the page ends before it. @default none
 */
export async function readChanges(
  context: ReadContext,
  {
    lastId,
    isOwn,
    isUnanswered = () => false,
  }: { lastId: number; isOwn: (change: ChangeId) => boolean; isUnanswered?: (change: ChangeId) => boolean },
): Promise<ChangeFeedPage> {
  const selected = await selectChangesAfter(context, { lastId });
  const unanswered = selected.findIndex(isUnanswered);
  const rows = unanswered === -1 ? selected : selected.slice(0, unanswered);
  const entries: ChangeFeedEntry[] = [];
  const rooms = new Map<string, StoredRoom | undefined>();
  for (const row of rows) {
    if (isOwn(row)) continue;
    // Written by `record-change.ts` alone, from the same type.
    const change = { ...JSON.parse(row.data), kind: row.kind } as ChangeRecord;
    if (change.kind !== "room" && change.kind !== "member") {
      entries.push({ change });
      continue;
    }
    // A hundred invitations change one room a hundred times: it is read once.
    if (!rooms.has(change.room)) rooms.set(change.room, await findRoom(context, { id: change.room }));
    entries.push({ change, room: rooms.get(change.room) });
  }
  const first = rows[0];
  return {
    lastId: rows.at(-1)?.id ?? lastId,
    entries,
    hasGap: lastId > 0 && first !== undefined && first.id > lastId + 1 && (await isTrimmed(context, lastId)),
    hasMore: rows.length === PAGE_SIZE,
  };
}

/** Whether changes after this one were trimmed, where the next id is missing. */
async function isTrimmed({ db, dialect }: ReadContext, id: number): Promise<boolean> {
  return !dialect.rollbacksLeaveGaps || Number((await getMeta(db, TRIMMED_KEY)) ?? 0) > id;
}

/** Returns what this process has changed in the transaction that is about to be committed. */
export async function readOwnChanges(
  context: ReadContext,
  { lastId, origin }: { lastId: number; origin: string },
): Promise<{ lastId: number; changes: StoreChange[] }> {
  const [rows, newestId] = await Promise.all([
    selectOwnChangesAfter(context, { lastId, origin }),
    lastChangeId(context),
  ]);
  // Written by `record-change.ts` alone, from the same type.
  const changes = rows.map(({ kind, data }) => ({ ...JSON.parse(data), kind }) as StoreChange);
  // Not below `lastId`: the newest change may have been trimmed.
  return { lastId: Math.max(lastId, newestId), changes };
}
