import type { HistoryPage, Message } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { toMessages } from "./find-messages.ts";
import { type MessageShape, messageRows } from "./message-row.ts";

const older = prepared<{ room: string; before: number; limit: number }, MessageShape>((db, hole) =>
  messageRows(db)
    .where("m.room", "=", hole("room"))
    .where("m.seq", "<", hole("before"))
    .orderBy("m.seq", "desc")
    .limit(hole("limit")),
);

const newer = prepared<{ room: string; from: number; limit: number }, MessageShape>((db, hole) =>
  messageRows(db)
    .where("m.room", "=", hole("room"))
    .where("m.seq", ">=", hole("from"))
    .orderBy("m.seq", "asc")
    .limit(hole("limit")),
);

export interface PageQuestion {
  readonly room: string;
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit: number;
  /** Whose reactions are `mine`. */
  readonly viewer?: string;
}

/** One page of messages. One more than asked for is read each way, to know whether there is more. */
export async function page(
  db: Kysely<Tables>,
  { room, before, after, around, limit, viewer }: PageQuestion,
): Promise<HistoryPage> {
  const messages = (rows: readonly MessageShape[]): Promise<Message[]> => toMessages(db, rows, viewer);
  if (after !== undefined) {
    const found = await newer(db, { room, from: after + 1, limit: limit + 1 });
    const back = await older(db, { room, before: after + 1, limit: 1 });
    return {
      messages: await messages(found.slice(0, limit)),
      hasBefore: back.length > 0,
      hasAfter: found.length > limit,
    };
  }
  if (around !== undefined) {
    const back = (await older(db, { room, before: around, limit: limit + 1 })).reverse();
    const forth = await newer(db, { room, from: around, limit: limit + 1 });
    // Half of the page before the place; where one side has too few, the other fills up.
    const wanted = Math.floor(limit / 2);
    const takenBack = Math.min(back.length, Math.max(wanted, limit - forth.length));
    const takenForth = Math.min(forth.length, limit - takenBack);
    return {
      messages: await messages([...back.slice(back.length - takenBack), ...forth.slice(0, takenForth)]),
      hasBefore: back.length > takenBack,
      hasAfter: forth.length > takenForth,
    };
  }
  const found = await older(db, { room, before: before ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 });
  const forth = before === undefined ? [] : await newer(db, { room, from: before, limit: 1 });
  return {
    messages: await messages(found.slice(0, limit).reverse()),
    hasBefore: found.length > limit,
    hasAfter: forth.length > 0,
  };
}

/** Whether a database answers at all. */
export async function answers(db: Kysely<Tables>): Promise<true> {
  await sql`select 1`.execute(db);
  return true;
}
