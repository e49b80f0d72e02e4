import type { Message } from "@multichat/protocol";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { type SelectedMessage, selectMessages, toMessage } from "./message-row.ts";
import { findReactions } from "./reactions.ts";

const selectRow = prepared<{ room: string; id: string }, SelectedMessage>((db, param) =>
  selectMessages(db).where("m.id", "=", param("id")).where("m.room", "=", param("room")),
);

const selectRowsById = prepared<{ ids: string }, SelectedMessage>((db, param, dialect) =>
  selectMessages(db).where("m.id", "in", dialect.jsonElements(param("ids"))),
);

const selectRowsByN = prepared<{ ns: string }, SelectedMessage>((db, param, dialect) =>
  selectMessages(db).where("m.n", "in", dialect.jsonNumbers(param("ns"))),
);

/** Adds the reactions of all rows by one more query. `viewer`: the user whose reactions are marked as `mine`. */
export async function toMessages(
  context: ReadContext,
  rows: readonly SelectedMessage[],
  viewer?: string,
): Promise<Message[]> {
  const withReactions = rows.filter(({ emojis }) => emojis > 0).map(({ n }) => n);
  const reactions = await findReactions(context, withReactions, viewer);
  return rows.map((row) => toMessage(row, reactions.get(row.n) ?? []));
}

export async function toOneMessage(context: ReadContext, row: SelectedMessage, viewer?: string): Promise<Message> {
  const reactions = await findReactions(context, row.emojis > 0 ? [row.n] : [], viewer);
  return toMessage(row, reactions.get(row.n) ?? []);
}

export async function findMessageRow(
  context: ReadContext,
  where: { room: string; id: string },
): Promise<SelectedMessage | undefined> {
  const [row] = await selectRow(context, where);
  return row;
}

/** Returns the rows of the messages that exist, in no particular order. */
export async function findMessageRowsById(context: ReadContext, ids: readonly string[]): Promise<SelectedMessage[]> {
  return ids.length === 0 ? [] : selectRowsById(context, { ids: JSON.stringify(ids) });
}

/** Returns the messages that exist, in no particular order. */
export async function findMessagesById(context: ReadContext, ids: readonly string[]): Promise<Message[]> {
  return toMessages(context, await findMessageRowsById(context, ids));
}

/** Returns messages by their row ids, in the given order. */
export async function findMessagesByN(context: ReadContext, ns: readonly number[], viewer: string): Promise<Message[]> {
  if (ns.length === 0) return [];
  const rows = new Map((await selectRowsByN(context, { ns: JSON.stringify(ns) })).map((row) => [row.n, row]));
  return toMessages(
    context,
    ns.flatMap((n) => rows.get(n) ?? []),
    viewer,
  );
}

export async function findMessage(
  context: ReadContext,
  { room, message, viewer }: { room: string; message: string; viewer?: string | undefined },
): Promise<Message | undefined> {
  const row = await findMessageRow(context, { room, id: message });
  return row && (await toOneMessage(context, row, viewer));
}
