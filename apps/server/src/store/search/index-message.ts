import type { WriteContext } from "../database/context.ts";
import { authorLabel, EVERY_MESSAGE, monthLabel, roomLabel } from "./labels.ts";
import { wordsIn } from "./words.ts";

type IndexContext = Pick<WriteContext, "db" | "dialect" | "searchMonths">;

/** The columns of a message that are indexed. */
export interface IndexedColumns {
  readonly n: number;
  readonly room: string;
  readonly author: string | null;
  readonly created_at: number;
  readonly body: string;
}

/** Indexes a message in the transaction that posts it; `storeMonths` has to follow before its end. */
export async function indexMessage(context: IndexContext, message: IndexedColumns): Promise<void> {
  const { n, room, author, created_at, body } = message;
  if (body === "") return;
  const month = monthLabel(created_at);
  const labels = [EVERY_MESSAGE, roomLabel(room), ...(author === null ? [] : [authorLabel(author)]), month];
  await context.dialect.fullText.insert(context, { n, labels, words: wordsIn(body) });
  context.searchMonths.add(month);
}

export async function reindexMessage(context: IndexContext, message: IndexedColumns): Promise<void> {
  await context.dialect.fullText.delete(context, message.n);
  await indexMessage(context, message);
}
