import { type Kysely, sql } from "kysely";
import type { Tables } from "../database/tables.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Rows in memory at once: with the longest messages, tens of megabytes. */
const PAGE_SIZE = 500;

interface RowsInOrder {
  readonly table: keyof Tables;
  /** The columns of a unique key. */
  readonly key: readonly string[];
  /** The row after which to begin. @default the beginning */
  readonly after?: Row | undefined;
}

/** Reads all rows of a table in the order of a key, page by page. */
export async function* readPages(
  db: Kysely<Tables>,
  { table, key, after }: RowsInOrder,
): AsyncGenerator<readonly Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  let last = after;
  for (;;) {
    const { rows } = await sql<Row>`
      select * from ${sql.table(table)}
      ${last === undefined ? sql`` : sql`where (${columns}) > (${sql.join(valuesOf(last, key))})`}
      order by ${columns} limit ${sql.lit(PAGE_SIZE)}`.execute(db);
    if (rows.length > 0) yield rows;
    last = rows.at(-1);
    if (rows.length < PAGE_SIZE) return;
  }
}

/** Returns the last row of a table in the order of a key. */
export async function readLast(
  db: Kysely<Tables>,
  { table, key }: Pick<RowsInOrder, "table" | "key">,
): Promise<Row | undefined> {
  const columns = sql.join(key.map((column) => sql`${sql.ref(column)} desc`));
  const { rows } = await sql<Row>`select * from ${sql.table(table)} order by ${columns} limit 1`.execute(db);
  return rows[0];
}

export async function countRows(db: Kysely<Tables>, table: keyof Tables): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db);
  return rows[0]?.count ?? 0;
}

function valuesOf(row: Row, key: readonly string[]): readonly unknown[] {
  return key.map((column) => row[column]);
}
