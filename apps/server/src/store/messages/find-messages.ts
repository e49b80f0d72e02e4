import type { Message } from "@multichat/protocol";
import type { Kysely } from "kysely";
import { listed } from "../database/json-values.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { type MessageShape, messageRows, toMessage } from "./message-row.ts";
import { reactionsOf } from "./reactions.ts";

const rowOf = prepared<{ room: string; id: string }, MessageShape>((db, hole) =>
  messageRows(db).where("m.id", "=", hole("id")).where("m.room", "=", hole("room")),
);

const rowsWith = prepared<{ ids: string }, MessageShape>((db, hole) =>
  messageRows(db).where("m.id", "in", listed<string>(hole("ids"))),
);

const rowsAt = prepared<{ ns: string }, MessageShape>((db, hole) =>
  messageRows(db).where("m.n", "in", listed<number>(hole("ns"))),
);

/** Whole messages from rows, by one more query for all of their reactions. `viewer`: whose reactions are `mine`. */
export async function toMessages(
  db: Kysely<Tables>,
  rows: readonly MessageShape[],
  viewer?: string,
): Promise<Message[]> {
  const reacted = rows.filter(({ emojis }) => emojis > 0).map(({ n }) => n);
  const reactions = await reactionsOf(db, reacted, viewer);
  return rows.map((row) => toMessage(row, reactions.get(row.n) ?? []));
}

export async function toOneMessage(db: Kysely<Tables>, row: MessageShape, viewer?: string): Promise<Message> {
  return toMessage(row, (await reactionsOf(db, row.emojis > 0 ? [row.n] : [], viewer)).get(row.n) ?? []);
}

export async function messageRow(
  db: Kysely<Tables>,
  where: { room: string; id: string },
): Promise<MessageShape | undefined> {
  const [row] = await rowOf(db, where);
  return row;
}

/** In no order; one that is not there is left out. */
export async function messagesWith(db: Kysely<Tables>, ids: readonly string[]): Promise<Message[]> {
  return ids.length === 0 ? [] : toMessages(db, await rowsWith(db, { ids: JSON.stringify(ids) }));
}

/** In the order that is given. */
export async function messagesAt(db: Kysely<Tables>, ns: readonly number[], viewer: string): Promise<Message[]> {
  if (ns.length === 0) return [];
  const rows = new Map((await rowsAt(db, { ns: JSON.stringify(ns) })).map((row) => [row.n, row]));
  return toMessages(
    db,
    ns.flatMap((n) => rows.get(n) ?? []),
    viewer,
  );
}

/** As it is now, deleted ones too. */
export async function findMessage(
  db: Kysely<Tables>,
  { room, message, viewer }: { room: string; message: string; viewer?: string | undefined },
): Promise<Message | undefined> {
  const row = await messageRow(db, { room, id: message });
  return row && (await toOneMessage(db, row, viewer));
}
