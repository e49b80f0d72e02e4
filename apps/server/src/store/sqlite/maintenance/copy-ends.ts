import { sql } from "kysely";
import type { CopySource, CopyTarget } from "../../copy/copy-chat.ts";
import { getMeta } from "../../database/meta.ts";
import { StoreError } from "../../store-error.ts";
import { type Connection, connect } from "../connection.ts";
import { prepareDatabaseFile, resolveOnlyName } from "../database-files.ts";
import { migrateSchema, SCHEMA_VERSION } from "../migrations/migrate-schema.ts";
import { lockForServer } from "../server-lock.ts";
import { toStoreError } from "../sqlite-errors.ts";
import { inspectSqlite } from "./inspect.ts";

const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens a database to copy it. No server can have it meanwhile.
 *
 * @throws StoreError `cannot-open`: there is none, or it is of another schema; `corrupt`; `busy`: a server has it.
 */
export async function openSqliteSource(path: string): Promise<CopySource> {
  const found = inspectSqlite(path);
  if (found.found === "nothing") throw new StoreError("cannot-open", `expected a database at ${path}, found none`);
  if (found.damage.length > 0) throw new StoreError("corrupt", `${path} is damaged: ${found.damage.join("; ")}`);
  assertCurrent(path, found.schema);
  const file = await resolveOnlyName(path);
  const lock = await lockForServer(file, { shared: false });
  try {
    // Workers and commands take no lock of a server, and what one committed during the copy would be missing in it.
    const { raw, db } = connectAlone(file, { readOnly: true });
    // Everything is read in one transaction, so as it was at its beginning.
    raw.exec("begin");
    return {
      db,
      close: async () => {
        raw.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw toStoreError(error);
  }
}

/** Opens a database to copy into it, and creates it where there is none. @throws StoreError; see `openSqliteSource`. */
export async function openSqliteTarget(path: string): Promise<CopyTarget> {
  await prepareDatabaseFile(path);
  const file = await resolveOnlyName(path);
  const lock = await lockForServer(file, { shared: false });
  try {
    const connection = connectAlone(file, { readOnly: false });
    const { raw, db } = connection;
    raw.exec("begin immediate");
    const { rows } = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db);
    if (rows.length === 0) await migrateSchema(db);
    raw.exec("commit");
    assertCurrent(file, await readSchema(db, rows));
    return {
      ...connection,
      begin: async () => raw.exec("begin immediate"),
      commit: async () => raw.exec("commit"),
      rollback: async () => {
        if (raw.inTransaction) raw.exec("rollback");
      },
      // Row ids go on after the highest one by themselves.
      continueNumbers: async () => {},
      close: async () => {
        raw.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw toStoreError(error);
  }
}

/** @throws StoreError `busy`: another process has the file open. */
function connectAlone(file: string, { readOnly }: { readonly readOnly: boolean }): Connection {
  try {
    return connect({ file, readOnly, busyTimeoutMs: BUSY_TIMEOUT_MS, isExclusive: true });
  } catch (error) {
    const failure = toStoreError(error);
    if (failure.code !== "busy") throw failure;
    throw new StoreError(
      "busy",
      `expected no other process with ${file} open, but there is one: stop every server and worker, and wait for commands to end`,
      { cause: error },
    );
  }
}

/** @param tables the tables that there were before it was migrated */
async function readSchema(db: Connection["db"], tables: readonly { readonly name: string }[]): Promise<number> {
  if (tables.length > 0 && !tables.some(({ name }) => name === "meta")) return 0;
  return Number((await getMeta(db, "schema")) ?? 0);
}

function assertCurrent(file: string, schema: number): void {
  if (schema === SCHEMA_VERSION) return;
  throw new StoreError(
    schema > SCHEMA_VERSION ? "newer" : "cannot-open",
    `expected schema ${SCHEMA_VERSION} in ${file}, got ${schema}: ${schema > SCHEMA_VERSION ? "run the newer version that wrote it" : "run multichat migrate on it first"}`,
  );
}
