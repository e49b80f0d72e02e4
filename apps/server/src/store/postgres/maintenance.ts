import { countUnindexed, indexQueued } from "../search/index-queue.ts";
import { StoreError } from "../store-error.ts";
import { ConnectionSlot } from "./connection-slot.ts";
import { FENCE_STATEMENT } from "./database-locks.ts";
import { type MigrationResult, readSchema, SCHEMA_VERSION } from "./migrations/migrate-schema.ts";
import { checkServer, openConnection, prepareDatabase } from "./open-database.ts";
import { type PostgresStoreOptions, resolveOptions } from "./options.ts";

export interface PostgresInspection {
  /** The number of the schema; 0: there is none yet. */
  readonly schema: number;
  /** The number of the schema that this version works with. */
  readonly supportedSchema: number;
  /** Of the server, such as `15.4`. */
  readonly version: string;
  readonly bytes: number;
  /** Messages that are not indexed for the search yet; a server indexes them in the background. */
  readonly unindexed: number;
  /** The time of the database's machine, in milliseconds since 1970, at the moment of its answer. */
  readonly now: number;
}

/** Inspects a database without changing it. @throws StoreError where it cannot be used. */
export async function inspectPostgres(options: PostgresStoreOptions): Promise<PostgresInspection> {
  const resolved = resolveOptions(options);
  const slot = new ConnectionSlot(() => openConnection(resolved, "reader"));
  await slot.connect();
  try {
    await checkServer(slot);
    const { rows } = await slot.run(
      "select current_setting('server_version') as version, pg_database_size(current_database()) as bytes",
    );
    // One row, with these columns.
    const [{ version, bytes } = { version: "", bytes: 0 }] = rows as { version: string; bytes: number }[];
    const time = await slot.run("select extract(epoch from clock_timestamp()) * 1000 as now");
    const [{ now } = { now: Date.now() }] = time.rows as { now: number | string }[];
    const schema = await readSchema(slot.context.db);
    if (schema < SCHEMA_VERSION) await assertCanCreate(slot);
    const unindexed = schema === SCHEMA_VERSION ? await countUnindexed(slot.context) : 0;
    return { schema, supportedSchema: SCHEMA_VERSION, version, bytes, unindexed, now: Number(now) };
  } finally {
    await slot.close();
  }
}

/** @throws StoreError `readonly`. */
async function assertCanCreate(slot: ConnectionSlot): Promise<void> {
  const { rows } = await slot.run(
    `select has_schema_privilege(current_schema(), 'create') as allowed, current_user as role, current_schema() as schema`,
  );
  // One row, with these columns.
  const [right] = rows as { allowed: number; role: string; schema: string }[];
  if (right?.allowed === 1) return;
  throw new StoreError(
    "readonly",
    `expected the right to create tables in the schema ${right?.schema}: run \`grant create on schema "${right?.schema}" to "${right?.role}"\``,
  );
}

/** What is indexed in one transaction. */
const INDEX_BATCH = { maxMessages: 500, maxChars: 100_000 } as const;

/**
 * Creates or upgrades the schema, and indexes the messages that are not indexed yet, which a server does in the background.
 *
 * @param onIndexing called from time to time with how many messages are still to be indexed.
 * @throws StoreError `newer`, `cannot-open`, `unreachable`.
 */
export async function migratePostgres(
  options: PostgresStoreOptions,
  onIndexing?: (remaining: number) => void,
): Promise<MigrationResult> {
  const resolved = resolveOptions(options);
  const { migrated, fence } = await prepareDatabase(resolved);
  const slot = new ConnectionSlot(() => openConnection(resolved, "migration"));
  await slot.connect();
  try {
    // Counted once: it takes longer than to index some.
    let remaining = await countUnindexed(slot.context);
    for (let hasMore = remaining > 0; hasMore; ) {
      await slot.run("begin");
      await slot.run(FENCE_STATEMENT, [fence]);
      const result = await indexQueued(slot.context, INDEX_BATCH);
      await slot.run("commit");
      remaining -= result.indexed;
      hasMore = result.hasMore;
      if (hasMore) onIndexing?.(remaining);
    }
    return migrated;
  } finally {
    await slot.close();
  }
}
