import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { findRoom } from "../rooms/find-rooms.ts";
import type { StoredRoom } from "../rooms/stored-room.ts";
import type { ChangeFeedEntry, ChangeFeedPage, ChangeRecord, StoreChange } from "./store-change.ts";

const PAGE_SIZE = 1_000;

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

export async function lastChangeId({ db }: ReadContext): Promise<number> {
  const row = await db
    .selectFrom("change")
    .select((e) => e.fn.max("id").as("id"))
    .executeTakeFirst();
  return row?.id ?? 0;
}

/** Returns what other processes have changed after the change `lastId`. */
export async function readChanges(
  context: ReadContext,
  { lastId, origin }: { lastId: number; origin: string },
): Promise<ChangeFeedPage> {
  const rows = await selectChangesAfter(context, { lastId });
  const entries: ChangeFeedEntry[] = [];
  const rooms = new Map<string, StoredRoom | undefined>();
  for (const row of rows) {
    if (row.origin === origin) continue;
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
    hasGap: lastId > 0 && first !== undefined && first.id > lastId + 1,
    hasMore: rows.length === PAGE_SIZE,
  };
}

/** Returns what this process has changed in the transaction that is about to be committed. */
export async function readOwnChanges(
  context: ReadContext,
  { lastId, origin }: { lastId: number; origin: string },
): Promise<{ lastId: number; changes: StoreChange[] }> {
  const changes: StoreChange[] = [];
  let last = lastId;
  for (;;) {
    const rows = await selectChangesAfter(context, { lastId: last });
    for (const row of rows) {
      if (row.origin === origin && row.kind !== "tail") changes.push({ ...JSON.parse(row.data), kind: row.kind });
      last = row.id;
    }
    if (rows.length < PAGE_SIZE) return { lastId: last, changes };
  }
}
