import { type Kysely, sql } from "kysely";
import { uuidv7 } from "uuidv7";
import { getMeta, setMeta } from "../../database/meta.ts";
import type { Tables } from "../../database/tables.ts";
import { StoreError } from "../../store-error.ts";
import { up as initial } from "./0001-initial.ts";
import { up as eventClaims } from "./0002-event-claims.ts";
import { up as changesAndMembers } from "./0003-changes-and-members.ts";
import { up as search } from "./0004-search.ts";
import { up as idempotencyKeys } from "./0005-idempotency-keys.ts";

/** In order; number n of the schema is reached by the n-th. Never change one that was released: add another. */
const MIGRATIONS: ReadonlyArray<(db: Kysely<Tables>) => Promise<void>> = [
  initial,
  eventClaims,
  changesAndMembers,
  search,
  idempotencyKeys,
];

/** The schema that this code works with. */
export const SCHEMA_VERSION = MIGRATIONS.length;

export interface MigrationResult {
  /** The schema's number before; 0: the database was empty. */
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the database to this code's schema. Run it inside a transaction that holds the writers' lock: then several
 * processes may start at once, and one that fails half-way leaves everything as it was.
 */
export async function migrateSchema(db: Kysely<Tables>): Promise<MigrationResult> {
  await sql`create table if not exists meta (key text primary key, value text not null)`.execute(db);
  const from = await schemaOf(db);
  if (from > SCHEMA_VERSION) {
    throw new StoreError(
      "newer",
      `the database has schema ${from}, this version knows schemas up to ${SCHEMA_VERSION}: run the newer version that wrote it, or restore a backup made before the upgrade`,
    );
  }
  for (const migration of MIGRATIONS.slice(from)) await migration(db);
  if (from < SCHEMA_VERSION) await setMeta(db, "schema", String(SCHEMA_VERSION));
  if ((await getMeta(db, "epoch")) === undefined) await setMeta(db, "epoch", uuidv7());
  return { from, to: SCHEMA_VERSION };
}

/** @returns the schema's number; 0 for a database without one. */
async function schemaOf(db: Kysely<Tables>): Promise<number> {
  const value = await getMeta(db, "schema");
  return value === undefined ? 0 : Number(value);
}
