import { existsSync, statSync } from "node:fs";
import type { StoreErrorCode } from "../../store-error.ts";
import { SCHEMA_VERSION } from "../migrations/migrate-schema.ts";
import { SqliteDatabase } from "../sqlite-database.ts";
import { toStoreError } from "../sqlite-errors.ts";

export type DatabaseInspection =
  | { readonly found: "nothing" }
  | {
      readonly found: "database";
      /** The number of the file's schema; 0: it has none yet. */
      readonly schema: number;
      /** The number of the schema that this version works with. */
      readonly supportedSchema: number;
      /** The findings of SQLite's own check; empty: the file is intact. */
      readonly damage: readonly string[];
      readonly bytes: number;
      /** Messages that are not indexed for the search yet; a server indexes them in the background. */
      readonly unindexed: number;
      /** When the last change was recorded, in milliseconds since 1970 by the clock of then; null: there is none. */
      readonly lastChangeAt: number | null;
    };

const MAX_FINDINGS = 10;

/** Failures to read a file, which say nothing about what is in it. */
const SAY_NOTHING: ReadonlySet<StoreErrorCode> = new Set(["readonly", "cannot-open", "busy"]);

/**
 * Inspects a database without changing it or upgrading its schema. Blocks while it reads the whole file.
 *
 * @throws StoreError `readonly`, `cannot-open`, `busy`: the file cannot be read.
 */
export function inspectSqlite(file: string): DatabaseInspection {
  if (!existsSync(file)) return { found: "nothing" };
  const { size: bytes } = statSync(file);
  const found = { found: "database", supportedSchema: SCHEMA_VERSION, bytes } as const;
  let raw: SqliteDatabase | undefined;
  try {
    raw = new SqliteDatabase(file, { readOnly: true });
    const damage = findDamage(raw);
    if (damage.length > 0) return { ...found, schema: 0, unindexed: 0, lastChangeAt: null, damage };
    return {
      ...found,
      schema: readSchema(raw),
      unindexed: countUnindexed(raw),
      lastChangeAt: readLastChangeAt(raw),
      damage,
    };
  } catch (error) {
    const failure = toStoreError(error);
    if (SAY_NOTHING.has(failure.code)) throw failure;
    return { ...found, schema: 0, unindexed: 0, lastChangeAt: null, damage: [failure.message] };
  } finally {
    raw?.close();
  }
}

/** Returns what SQLite finds wrong with a database; reads all of it. */
export function findDamage(raw: SqliteDatabase): string[] {
  const findings = raw.prepare<[], { quick_check: string }>(`pragma quick_check(${MAX_FINDINGS})`).all();
  return findings.map(({ quick_check }) => quick_check).filter((finding) => finding !== "ok");
}

function countUnindexed(raw: SqliteDatabase): number {
  const tables = raw.prepare<[], { name: string }>("select name from sqlite_master where name = 'search_queue'").all();
  if (tables.length === 0) return 0;
  return raw.prepare<[], { count: number }>("select count(*) as count from search_queue").get()?.count ?? 0;
}

function readLastChangeAt(raw: SqliteDatabase): number | null {
  const tables = raw.prepare<[], { name: string }>("select name from sqlite_master where name = 'change'").all();
  if (tables.length === 0) return null;
  return raw.prepare<[], { at: number }>("select at from change order by id desc limit 1").get()?.at ?? null;
}

function readSchema(raw: SqliteDatabase): number {
  const tables = raw.prepare<[], { name: string }>("select name from sqlite_master where name = 'meta'").all();
  if (tables.length === 0) return 0;
  const row = raw.prepare<[], { value: string }>("select value from meta where key = 'schema'").get();
  return Number(row?.value ?? 0);
}

/** Returns the number of the schema in a file; undefined: it has none, or cannot be read, which opening it reports. */
export function readSchemaOf(file: string): number | undefined {
  let raw: SqliteDatabase | undefined;
  try {
    raw = new SqliteDatabase(file);
    return readSchema(raw) || undefined;
  } catch {
    return undefined;
  } finally {
    raw?.close();
  }
}
