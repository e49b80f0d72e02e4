import { type Kysely, sql } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { wordsIn } from "./words.ts";

type Indexing = Pick<WriteContext, "db" | "months">;

/** What of a message is indexed. */
interface Searchable {
  readonly n: number;
  readonly room: string;
  readonly author: string | null;
  readonly created_at: number;
  readonly body: string;
}

/** Stands for every message. */
export const EVERY = "every";
/** The word that stands for a room. Another room may have the same by chance: what is found is looked at again. */
export const roomWord = (room: string): string => `r${bare(room)}`;
export const authorWord = (author: string): string => `u${bare(author)}`;
/** `m202601`: the month, in UTC. */
function monthWord(at: number): string {
  const within = Math.min(Math.max(at, 0), LATEST);
  return `m${new Date(within).toISOString().slice(0, 7).replace("-", "")}`;
}

/** The end of the year 9999: later ones have names of another length. */
const LATEST = 253_402_300_799_999;

function bare(id: string): string {
  return id.replace(/[^A-Za-z0-9]/g, "");
}

const insert = prepared<{ n: number; place: string; said: string }, never>((db, hole) => ({
  compile: () =>
    sql<never>`insert into message_search (rowid, place, said) values (${hole("n")}, ${hole("place")}, ${hole("said")})`.compile(
      db,
    ),
}));

const remove = prepared<{ n: number }, never>((db, hole) => ({
  compile: () => sql<never>`delete from message_search where rowid = ${hole("n")}`.compile(db),
}));

const insertMonth = prepared<{ month: string }, never>((db, hole) =>
  db
    .insertInto("search_month")
    .values({ month: hole("month") })
    .onConflict((c) => c.doNothing()),
);

const allMonths = prepared<Record<never, never>, { month: string }>((db) =>
  db.selectFrom("search_month").select("month").orderBy("month"),
);

/** The words of the months that a time may lie in; undefined: any month. */
export async function monthWords(
  db: Kysely<Tables>,
  { after, before }: { after?: number | undefined; before?: number | undefined },
): Promise<string[] | undefined> {
  const from = after === undefined ? "" : monthWord(after);
  const to = before === undefined ? "n" : monthWord(before);
  const months = (await allMonths(db, {})).map(({ month }) => month);
  const possible = months.filter((month) => from <= month && month <= to);
  return possible.length === months.length ? undefined : possible;
}

/** In the transaction that posts the message, at whose end `noteMonths` is to be called. */
export async function indexMessage({ db, months }: Indexing, message: Searchable): Promise<void> {
  const { n, room, author, created_at, body } = message;
  const words = wordsIn(body);
  if (words.length === 0 && body === "") return;
  const month = monthWord(created_at);
  const place = [EVERY, roomWord(room), ...(author === null ? [] : [authorWord(author)]), month];
  await insert(db, { n, place: place.join(" "), said: words.join(" ") });
  months.add(month);
}

/** One that is not indexed yet stays so. */
export async function forgetInSearch(db: Kysely<Tables>, n: number): Promise<void> {
  await remove(db, { n });
}

export async function indexAnew(indexing: Indexing, message: Searchable): Promise<void> {
  await forgetInSearch(indexing.db, message.n);
  await indexMessage(indexing, message);
}

/** Once a transaction: the months of what it indexed. */
export async function noteMonths({ db, months }: Indexing): Promise<void> {
  for (const month of months) await insertMonth(db, { month });
}

/** Messages indexed at once: a few milliseconds, which a posting may have to wait. */
const AT_ONCE = 200;

const belowWhich = prepared<Record<never, never>, { value: string }>((db) =>
  db.selectFrom("meta").select("value").where("key", "=", sql.lit("search.below")),
);

const nextBelow = prepared<{ below: number }, Searchable & { deleted_at: number | null }>((db, hole) =>
  db
    .selectFrom("message")
    .select(["n", "room", "author", "created_at", "body", "deleted_at"])
    .where("n", "<", hole("below"))
    .orderBy("n", "desc")
    .limit(sql.lit(AT_ONCE)),
);

/** Indexes some more of what was posted before there was an index. @returns messages that are left, about. */
export async function indexMore(db: Kysely<Tables>): Promise<number> {
  const [mark] = await belowWhich(db, {});
  if (mark === undefined) return 0;
  const rows = await nextBelow(db, { below: Number(mark.value) });
  // One that was edited meanwhile is in the index already.
  const indexing = { db, months: new Set<string>() };
  for (const row of rows) if (row.deleted_at === null) await indexAnew(indexing, row);
  await noteMonths(indexing);
  const lowest = rows.at(-1)?.n;
  if (lowest === undefined) {
    await db.deleteFrom("meta").where("key", "=", "search.below").execute();
    return 0;
  }
  await db
    .updateTable("meta")
    .set({ value: String(lowest) })
    .where("key", "=", "search.below")
    .execute();
  return lowest;
}

/** How many messages are not in the index yet, about; 0: all are. */
export async function notIndexed(db: Kysely<Tables>): Promise<number> {
  const [mark] = await belowWhich(db, {});
  return mark === undefined ? 0 : Number(mark.value);
}
