import { assertNoUnfinishedCopy } from "../copy/copy-chat.ts";
import { getMeta } from "../database/meta.ts";
import { StoreError } from "../store-error.ts";
import { ConnectionSlot } from "./connection-slot.ts";
import { FENCE_STATEMENT, lockNumber, tryLock } from "./database-locks.ts";
import {
  assertNotNewer,
  type MigrationResult,
  migrateSchema,
  readSchema,
  SCHEMA_VERSION,
} from "./migrations/migrate-schema.ts";
import type { ResolvedOptions } from "./options.ts";
import { PostgresConnection } from "./postgres-connection.ts";

/** The oldest version of Postgres that is tested. */
const MIN_VERSION = 15;

/** The purposes of connections, which `pg_stat_activity` shows. */
export type ConnectionRole = "writer" | "reader" | "searcher" | "listener" | "lock" | "messages" | "migration" | "copy";

/**
 * How long the lock of the writers outlives a server that is frozen or cut off in the middle of a transaction: less than the
 * other servers wait for it. A transaction is idle only between two of its round trips.
 */
const WRITER_IDLE_TIMEOUT_MS = 3_000;
/** How long the lock of a server outlives its machine. */
const LOCK_IDLE_TIMEOUT_MS = 15_000;

export function openConnection(options: ResolvedOptions, role: ConnectionRole): Promise<PostgresConnection> {
  return PostgresConnection.open({
    url: options.url,
    applicationName: `multichat ${role}`,
    statementTimeoutMs: role === "searcher" ? options.searchTimeoutMs : options.statementTimeoutMs,
    lockTimeoutMs: options.busyTimeoutMs,
    ...(role === "writer" ? { idleTransactionTimeoutMs: WRITER_IDLE_TIMEOUT_MS } : {}),
    // It is checked every second: a machine that lost its power must not keep it for hours.
    idleTimeoutMs: role === "lock" ? LOCK_IDLE_TIMEOUT_MS : 0,
    // A plan for any words would suit the frequent ones, and read the whole index for a rare one.
    plansEachTime: role === "searcher",
  });
}

export interface PreparedDatabase {
  readonly epoch: string;
  readonly migrated: MigrationResult;
  /** The number of the writers' lock. */
  readonly fence: string;
}

/** How long a step of a migration may take. */
const MIGRATION_TIMEOUT_MS = 60 * 60_000;

interface PrepareOptions {
  /** Whether a chat is copied into the database, which can be the rest of one. @default false */
  readonly isCopy?: boolean;
}

/**
 * Creates or upgrades the schema.
 *
 * @throws StoreError `cannot-open`: the server is too old, there is no such database, or a copy into it was not finished; `unreachable`; `newer`.
 */
export async function prepareDatabase(
  options: ResolvedOptions,
  { isCopy = false }: PrepareOptions = {},
): Promise<PreparedDatabase> {
  const slot = new ConnectionSlot(() =>
    openConnection(
      { ...options, statementTimeoutMs: MIGRATION_TIMEOUT_MS, busyTimeoutMs: MIGRATION_TIMEOUT_MS },
      "migration",
    ),
  );
  await slot.connect();
  try {
    await checkServer(slot);
    await checkSession(slot, () => openConnection(options, "migration"));
    const fence = await lockNumber(slot, "write");
    const { db } = slot.context;
    const from = await readSchema(db);
    assertNotNewer(from);
    const migrated = from === SCHEMA_VERSION ? { from, to: from } : await upgrade(slot, fence);
    if (!isCopy) await assertNoUnfinishedCopy(db);
    const epoch = await getMeta(db, "epoch");
    if (epoch === undefined) throw new StoreError("corrupt", "the database has no epoch: restore a backup");
    return { epoch, migrated, fence };
  } finally {
    await slot.close();
  }
}

/**
 * Creates or upgrades the schema while no server has it. Of several processes that start at once, one does it, and the others wait.
 * The locks end with the connection.
 */
async function upgrade(slot: ConnectionSlot, fence: string): Promise<MigrationResult> {
  await slot.run("select pg_advisory_lock($1::bigint)", [await lockNumber(slot, "upgrade")]);
  const { db } = slot.context;
  const from = await readSchema(db);
  assertNotNewer(from);
  if (from > 0 && from < SCHEMA_VERSION) await excludeServers(slot);
  await slot.run("begin");
  await slot.run(FENCE_STATEMENT, [fence]);
  const migrated = await migrateSchema(db);
  await slot.run("commit");
  return migrated;
}

/** @throws StoreError `busy`: a server of an older version is running, whose writes would fail. */
async function excludeServers(slot: ConnectionSlot): Promise<void> {
  const number = await lockNumber(slot, "server");
  if (await tryLock(slot, { statement: "select pg_try_advisory_lock($1::bigint) as taken", number })) return;
  throw new StoreError(
    "busy",
    "expected no server on this PostgreSQL database while its schema is upgraded to this version, but one of an older version is running, whose writes would fail. Stop every server of an older version, then try again.",
  );
}

/** How often the sessions of two connections are compared: another client of a pooler can take one in between. */
const SESSION_CHECKS = 5;

/**
 * Checks that a connection is a session of its own, which keeps its locks and its notifications. A pooler that lends sessions for
 * one transaction gives the one that was used last to the next.
 *
 * @throws StoreError `cannot-open`.
 */
export async function checkSession(
  slot: Pick<ConnectionSlot, "run">,
  openAnother: () => Promise<Pick<PostgresConnection, "run" | "close">>,
): Promise<void> {
  const another = await openAnother();
  try {
    const [own, others] = [new Set<number>(), new Set<number>()];
    for (let count = 0; count < SESSION_CHECKS; count += 1) {
      for (const [index, connection] of [slot, another].entries()) {
        const { rows } = await connection.run("select pg_backend_pid() as pid");
        // One row, with this column.
        (index === 0 ? own : others).add((rows[0] as { pid: number }).pid);
      }
    }
    if (own.size === 1 && others.size === 1 && [...own].every((pid) => !others.has(pid))) return;
  } finally {
    await another.close();
  }
  throw new StoreError(
    "cannot-open",
    "expected each connection to be a session of PostgreSQL, but several share one: DATABASE_URL leads to a pooler that lends a session for one transaction, which would lose locks and notifications. Lead it to PostgreSQL itself, or set pool_mode = session in PgBouncer",
  );
}

/** @throws StoreError `cannot-open`. */
export async function checkServer(slot: Pick<ConnectionSlot, "run">): Promise<void> {
  const { rows } = await slot.run(
    `select current_setting('server_version') as version, current_setting('server_version_num')::integer / 10000 as major,
       current_setting('server_encoding') as encoding, current_schema() as schema`,
  );
  // One row, with these columns.
  const [server] = rows as { version: string; major: number; encoding: string; schema: string | null }[];
  if (server === undefined) throw new StoreError("cannot-open", "expected PostgreSQL to say its version, got nothing");
  if (server.major < MIN_VERSION) {
    throw new StoreError(
      "cannot-open",
      `expected PostgreSQL ${MIN_VERSION} or newer, got ${server.version}: upgrade the database server`,
    );
  }
  if (server.encoding !== "UTF8") {
    throw new StoreError(
      "cannot-open",
      `expected a database with the encoding UTF8, got ${server.encoding}: create one with \`createdb --encoding=UTF8 --template=template0 NAME\``,
    );
  }
  if (server.schema === null) {
    throw new StoreError(
      "cannot-open",
      "expected the search_path of the connection to lead to a schema, but none of it exists: create the schema, or leave it out of DATABASE_URL",
    );
  }
}
