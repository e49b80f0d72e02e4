import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { NewAuditEntry } from "../audit/audit-log.ts";
import type { StoreOperations } from "../operations.ts";
import type { AuditInsert } from "../people/account-store.ts";
import { StoreError } from "../store-error.ts";

/** Runs Kysely on the main thread and SQLite in the threads: `select` in the reader, every other statement in the writer. */
export function createThreadDialect(statements: StoreOperations["statements"], auditInsert: AuditInsert): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const statement = { sql: query.sql, parameters: query.parameters };
      const { rows, ...counts } = await (query.query.kind === "SelectQueryNode"
        ? statements.read(statement)
        : statements.write({ ...statement, audit: findEntry(query, auditInsert) }));
      return {
        // Kysely's own assumption: a query yields the rows of its type.
        rows: rows as Row[],
        ...(counts.numAffectedRows === undefined ? {} : { numAffectedRows: counts.numAffectedRows }),
        ...(counts.insertId === undefined ? {} : { insertId: counts.insertId }),
      };
    },
    // biome-ignore lint/correctness/useYield: it always throws.
    async *streamQuery() {
      throw new StoreError("failed", "cannot stream a query between threads: read it page by page");
    },
  };
  const rejectTransaction = (): Promise<void> =>
    Promise.reject(
      new StoreError("failed", "cannot run a transaction across threads: declare one operation for all statements"),
    );
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: rejectTransaction,
    commitTransaction: rejectTransaction,
    rollbackTransaction: rejectTransaction,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
  return {
    createDriver: () => driver,
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

function findEntry({ query }: CompiledQuery, auditInsert: AuditInsert): NewAuditEntry | undefined {
  const table = query.kind === "InsertQueryNode" ? query.into?.table.identifier.name : undefined;
  return table === undefined ? undefined : auditInsert(table);
}
