import { type Kysely, sql } from "kysely";
import { uuidv7 } from "uuidv7";
import { getMeta, setMeta } from "../../database/meta.ts";
import type { Tables } from "../../database/tables.ts";
import { StoreError } from "../../store-error.ts";
import { up as initial } from "./0015-initial.ts";
import { up as joinedWords } from "./0016-joined-words.ts";
import { up as foldedSpellings } from "./0017-folded-spellings.ts";
import { up as turkicNames } from "./0018-turkic-names.ts";
import { up as roomPreferences } from "./0019-room-preferences.ts";
import { up as files } from "./0020-files.ts";
import { up as invitations } from "./0021-invitations.ts";
import { up as markerRevisions } from "./0022-marker-revisions.ts";

/** The number of the first schema on Postgres, which has what SQLite has at the same number. */
const FIRST_SCHEMA = 15;

/** In order, from the first schema on. A released migration must never change; add another one. */
const MIGRATIONS: ReadonlyArray<(db: Kysely<Tables>) => Promise<void>> = [
  initial,
  joinedWords,
  foldedSpellings,
  turkicNames,
  roomPreferences,
  files,
  invitations,
  markerRevisions,
];

/** The number of the schema that this version works with. */
export const SCHEMA_VERSION = FIRST_SCHEMA + MIGRATIONS.length - 1;

export interface MigrationResult {
  /** The number of the schema before; 0: the database was empty. */
  readonly from: number;
  readonly to: number;
}

/**
 * Creates or upgrades the schema. It has to run in a transaction that holds the writers' fence, so that several processes may
 * start at once, and a failure leaves the database unchanged.
 *
 * @throws StoreError `newer`.
 */
export async function migrateSchema(db: Kysely<Tables>): Promise<MigrationResult> {
  const from = await readSchema(db);
  assertNotNewer(from);
  await sql`create table if not exists meta (key text collate "C" primary key, value text collate "C" not null)`.execute(
    db,
  );
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (FIRST_SCHEMA + index > from) await migration(db);
  }
  if (from < SCHEMA_VERSION) await setMeta(db, "schema", String(SCHEMA_VERSION));
  if ((await getMeta(db, "epoch")) === undefined) await setMeta(db, "epoch", uuidv7());
  return { from, to: SCHEMA_VERSION };
}

/** @throws StoreError `newer`. */
export function assertNotNewer(schema: number): void {
  if (schema > SCHEMA_VERSION) {
    throw new StoreError(
      "newer",
      `the database has schema ${schema}, this version supports schemas up to ${SCHEMA_VERSION}: run the newer version that wrote it, or restore a backup made before the upgrade`,
    );
  }
}

/** Returns the number of the schema; 0: the database has none. */
export async function readSchema(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ name: string | null }>`
    select to_regclass(quote_ident(current_schema()) || '.meta')::text as name`.execute(db);
  if (rows[0]?.name == null) return 0;
  return Number((await getMeta(db, "schema")) ?? 0);
}
