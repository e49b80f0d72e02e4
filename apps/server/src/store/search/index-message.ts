import type { ReadContext } from "../database/context.ts";
import type { FullTextEntry } from "../database/dialect.ts";
import { authorLabel, EVERY_MESSAGE, monthLabel, roomLabel } from "./labels.ts";
import { storeMonths } from "./months.ts";

/** The columns of a message that are indexed. */
export interface IndexedColumns {
  readonly n: number;
  readonly room: string;
  readonly author: string | null;
  readonly created_at: number;
  readonly body: string;
}

/** A message with the words of its body. */
export interface IndexEntry<Message extends IndexedColumns = IndexedColumns> {
  readonly message: Message;
  readonly words: readonly string[];
}

/** Replaces the index entries of messages, whose row ids ascend, and stores their months. */
export async function reindexMessages(context: ReadContext, entries: readonly IndexEntry[]): Promise<void> {
  for (const { message } of entries) if (message.body === "") await removeFromIndex(context, message.n);
  const worded = entries.filter(({ message }) => message.body !== "");
  if (worded.length === 0) return;
  await context.dialect.fullText.replace(context, worded.map(toFullTextEntry));
  await storeMonths(context, new Set(worded.map(({ message }) => monthLabel(message.created_at))));
}

function toFullTextEntry({ message, words }: IndexEntry): FullTextEntry {
  const { n, room, author, created_at } = message;
  const authorLabels = author === null ? [] : [authorLabel(author)];
  return { n, labels: [EVERY_MESSAGE, roomLabel(room), ...authorLabels, monthLabel(created_at)], words };
}

/** Removes a message from the index, so that it is not found by a body that it no longer has. Costs little, whatever its length. */
export async function removeFromIndex(context: ReadContext, n: number): Promise<void> {
  await context.dialect.fullText.delete(context, n);
}
