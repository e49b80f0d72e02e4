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
import { up as plainNames } from "./0006-plain-names.ts";
import { up as searchQueue } from "./0007-search-queue.ts";
import { up as mentionNames } from "./0008-mention-names.ts";
import { up as openedRooms } from "./0009-opened-rooms.ts";
import { up as sessionSecurity } from "./0010-session-security.ts";
import { up as audit } from "./0011-audit.ts";
import { up as usernameSkeletons } from "./0012-username-skeletons.ts";
import { up as foldedUsernames } from "./0013-folded-usernames.ts";
import { up as localIndexes } from "./0014-local-indexes.ts";
import { up as foldedLetters } from "./0015-folded-letters.ts";
import { up as joinedWords } from "./0016-joined-words.ts";
import { up as foldedSpellings } from "./0017-folded-spellings.ts";
import { up as turkicNames } from "./0018-turkic-names.ts";
import { up as roomPreferences } from "./0019-room-preferences.ts";
import { up as files } from "./0020-files.ts";
import { up as invitations } from "./0021-invitations.ts";
import { up as markerRevisions } from "./0022-marker-revisions.ts";

/** In order: the n-th leads to schema n. A released migration must never change; add another one. */
const MIGRATIONS: ReadonlyArray<(db: Kysely<Tables>) => Promise<void>> = [
  initial,
  eventClaims,
  changesAndMembers,
  search,
  idempotencyKeys,
  plainNames,
  searchQueue,
  mentionNames,
  openedRooms,
  sessionSecurity,
  audit,
  usernameSkeletons,
  foldedUsernames,
  localIndexes,
  foldedLetters,
  joinedWords,
  foldedSpellings,
  turkicNames,
  roomPreferences,
  files,
  invitations,
  markerRevisions,
];

/** The number of the schema that this version works with. */
export const SCHEMA_VERSION = MIGRATIONS.length;

export interface MigrationResult {
  /** The number of the schema before; 0: the database was empty. */
  readonly from: number;
  readonly to: number;
}

/** A step of an upgrade that begins, on a database with data. */
export interface MigrationStep {
  /** The number of the schema that it leads to. */
  readonly schema: number;
  /** The number of the schema that the last step leads to. */
  readonly last: number;
}

/**
 * Upgrades the schema. It has to run in a transaction that holds the writers' lock, so that several processes may start at
 * once, and a failure leaves the database unchanged.
 *
 * @param onStep called before each step; a step on a large database may take a minute.
 */
export async function migrateSchema(
  db: Kysely<Tables>,
  onStep: (step: MigrationStep) => void = () => {},
): Promise<MigrationResult> {
  await sql`create table if not exists meta (key text primary key, value text not null)`.execute(db);
  const from = await readSchema(db);
  if (from > SCHEMA_VERSION) {
    throw new StoreError(
      "newer",
      `the database has schema ${from}, this version supports schemas up to ${SCHEMA_VERSION}: run the newer version that wrote it, or restore a backup made before the upgrade`,
    );
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < from) continue;
    if (from > 0) onStep({ schema: index + 1, last: SCHEMA_VERSION });
    await migration(db);
  }
  if (from < SCHEMA_VERSION) await setMeta(db, "schema", String(SCHEMA_VERSION));
  if ((await getMeta(db, "epoch")) === undefined) await setMeta(db, "epoch", uuidv7());
  return { from, to: SCHEMA_VERSION };
}

/** Returns the number of the schema; 0: the database has none. */
async function readSchema(db: Kysely<Tables>): Promise<number> {
  const value = await getMeta(db, "schema");
  return value === undefined ? 0 : Number(value);
}
