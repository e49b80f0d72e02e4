import { existsSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { SCHEMA } from "../sql/migrations.ts";
import { toStoreError } from "../store-error.ts";

/** What a look at a database file finds, without changing anything in it. */
export type Inspected =
  | { readonly found: "nothing" }
  | {
      readonly found: "database";
      /** The file's schema, 0 where it has none; and this version's. */
      readonly schema: number;
      readonly wanted: number;
      /** What SQLite says is damaged; empty: nothing. At most ten. */
      readonly damage: readonly string[];
      readonly bytes: number;
    };

/**
 * Looks a database file over: its schema, and SQLite's own check of every page. Takes about a second for each gigabyte, in
 * this thread: for `doctor`, not for a server.
 *
 * @throws StoreError where it cannot be opened or is no database.
 */
export function inspectSqlite(file: string): Inspected {
  if (!existsSync(file)) return { found: "nothing" };
  let raw: Sqlite.Database | undefined;
  try {
    raw = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
    const damage = (raw.pragma("quick_check(10)") as { quick_check: string }[])
      .map((row) => row.quick_check)
      .filter((said) => said !== "ok");
    const pages = Number(raw.pragma("page_count", { simple: true }));
    const bytes = pages * Number(raw.pragma("page_size", { simple: true }));
    return { found: "database", schema: schemaOf(raw), wanted: SCHEMA, damage, bytes };
  } catch (error) {
    throw toStoreError(error);
  } finally {
    raw?.close();
  }
}

function schemaOf(raw: Sqlite.Database): number {
  const table = raw.prepare("select 1 from sqlite_master where type = 'table' and name = 'meta'").get();
  if (table === undefined) return 0;
  const row = raw.prepare<[], { value: string }>("select value from meta where key = 'schema'").get();
  return Number(row?.value ?? 0);
}
