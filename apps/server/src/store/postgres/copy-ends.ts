import { sql } from "kysely";
import type { CopySource, CopyTarget } from "../copy/copy-chat.ts";
import { StoreError } from "../store-error.ts";
import { ConnectionSlot } from "./connection-slot.ts";
import { lockNumber } from "./database-locks.ts";
import { assertNotNewer, readSchema, SCHEMA_VERSION } from "./migrations/migrate-schema.ts";
import { checkServer, openConnection, prepareDatabase } from "./open-database.ts";
import { type PostgresStoreOptions, resolveOptions } from "./options.ts";
import { lockPostgresAlone } from "./server-lock.ts";

/** A comparison reads a table of any size. */
const STATEMENT_TIMEOUT_MS = 60 * 60_000;

/**
 * Opens a database to copy it. No server can have it meanwhile.
 *
 * @throws StoreError `cannot-open`: it has no chat, or one of another schema; `busy`: a server has it; `unreachable`.
 */
export async function openPostgresSource(options: PostgresStoreOptions): Promise<CopySource> {
  const slot = await openLocked(options);
  try {
    const schema = await readSchema(slot.context.db);
    assertNotNewer(schema);
    if (schema < SCHEMA_VERSION) {
      const advice = schema === 0 ? "it has no chat" : "run multichat migrate on it first";
      throw new StoreError("cannot-open", `expected schema ${SCHEMA_VERSION} in the source, got ${schema}: ${advice}`);
    }
    // Everything is read in one transaction, so as it was at its beginning.
    await slot.run("begin isolation level repeatable read, read only");
    return { db: slot.context.db, close: () => slot.close() };
  } catch (error) {
    await slot.close();
    throw error;
  }
}

/** Opens a database to copy into it, and creates the tables where there are none. @throws StoreError. */
export async function openPostgresTarget(options: PostgresStoreOptions): Promise<CopyTarget> {
  await prepareDatabase(resolveOptions(options), { isCopy: true });
  const slot = await openLocked(options);
  const { db } = slot.context;
  const run = async (statement: string): Promise<void> => {
    await slot.run(statement);
  };
  return {
    ...slot.context,
    begin: () => run("begin"),
    commit: () => run("commit"),
    // A connection that is lost has rolled back, and its loss is what the caller reports.
    rollback: () => run("rollback").catch(() => {}),
    continueNumbers: async () => {
      await sql`select setval(pg_get_serial_sequence('message', 'n'), max(n)) from message having max(n) is not null`.execute(
        db,
      );
    },
    close: () => slot.close(),
  };
}

async function openLocked(options: PostgresStoreOptions): Promise<ConnectionSlot> {
  const resolved = { ...resolveOptions(options), statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const slot = new ConnectionSlot(() => openConnection(resolved, "copy"));
  await slot.connect();
  try {
    await checkServer(slot);
    await lockPostgresAlone(slot);
    // Workers and commands take no lock of a server, and what one committed during the copy would be missing in it.
    await slot.run("select pg_advisory_lock($1::bigint)", [await lockNumber(slot, "write")]);
    // It waits for the other database.
    await slot.run("set idle_in_transaction_session_timeout = 0");
    return slot;
  } catch (error) {
    await slot.close();
    throw error;
  }
}
