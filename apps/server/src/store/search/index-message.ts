import { wordsIn } from "@multichat/protocol/search";
import type { ReadContext } from "../database/context.ts";
import { authorLabel, EVERY_MESSAGE, monthLabel, roomLabel } from "./labels.ts";
import type { IndexContext } from "./months.ts";

/** The columns of a message that are indexed. */
export interface IndexedColumns {
  readonly n: number;
  readonly room: string;
  readonly author: string | null;
  readonly created_at: number;
  readonly body: string;
}

/**
 * Replaces the index entry of a message; `storeMonths` has to follow before the end of the transaction.
 *
 * @param words those of its body
 */
export async function reindexMessage(
  context: IndexContext,
  message: IndexedColumns,
  words: readonly string[] = wordsIn(message.body),
): Promise<void> {
  const { n, room, author, created_at, body } = message;
  await removeFromIndex(context, n);
  if (body === "") return;
  const month = monthLabel(created_at);
  const labels = [EVERY_MESSAGE, roomLabel(room), ...(author === null ? [] : [authorLabel(author)]), month];
  await context.dialect.fullText.insert(context, { n, labels, words });
  context.searchMonths.add(month);
}

/** Removes a message from the index, so that it is not found by a body that it no longer has. Costs little, whatever its length. */
export async function removeFromIndex(context: ReadContext, n: number): Promise<void> {
  await context.dialect.fullText.delete(context, n);
}
