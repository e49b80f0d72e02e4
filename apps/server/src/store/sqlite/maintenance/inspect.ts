import { existsSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { SCHEMA_VERSION } from "../migrations/migrate-schema.ts";
import { toStoreError } from "../sqlite-errors.ts";

export type DatabaseInspection =
  | { readonly found: "nothing" }
  | {
      readonly found: "database";
      /** The schema's number; 0: there is none in it yet. */
      readonly schema: number;
      /** The one that this code works with. */
      readonly wanted: number;
      /** What SQLite finds wrong with the file; empty: nothing. */
      readonly damage: readonly string[];
      readonly bytes: number;
    };

/** Findings of SQLite's own check, at most. */
const FINDINGS = 10;

/** Looks at a database without changing it, not even bringing its schema up. Blocks while it reads the whole file. */
export function inspectSqlite(file: string): DatabaseInspection {
  if (!existsSync(file)) return { found: "nothing" };
  const { size: bytes } = statSync(file);
  const found = { found: "database", wanted: SCHEMA_VERSION, bytes } as const;
  let raw: Database.Database | undefined;
  try {
    raw = new Database(file, { readonly: true, fileMustExist: true });
    const damage = findDamage(raw);
    return { ...found, schema: damage.length > 0 ? 0 : schemaIn(raw), damage };
  } catch (error) {
    return { ...found, schema: 0, damage: [toStoreError(error).message] };
  } finally {
    raw?.close();
  }
}

/** What SQLite finds wrong with a database; empty: nothing. Reads all of it. */
export function findDamage(raw: Database.Database): string[] {
  const findings = raw.pragma(`quick_check(${FINDINGS})`) as readonly { readonly quick_check: string }[];
  return findings.map(({ quick_check }) => quick_check).filter((finding) => finding !== "ok");
}

function schemaIn(raw: Database.Database): number {
  const tables = raw.prepare<[], { name: string }>("select name from sqlite_master where name = 'meta'").all();
  if (tables.length === 0) return 0;
  const row = raw.prepare<[], { value: string }>("select value from meta where key = 'schema'").get();
  return Number(row?.value ?? 0);
}
