import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import type { NewAuditEntry } from "../audit/audit-log.ts";
import type { StoreOperations } from "../operations.ts";
import { StoreError } from "../store-error.ts";
import type { AuditInsert } from "./account-store.ts";

/** What differs between databases. */
export type StatementLanguage = Pick<Dialect, "createQueryCompiler" | "createAdapter">;

/**
 * Runs the queries of another Kysely as operations of the store: `select` as a read, every other statement as a write, which has
 * an entry in the audit log where `auditInsert` returns one.
 */
export function createStatementDialect(
  language: StatementLanguage,
  statements: StoreOperations["statements"],
  auditInsert: AuditInsert,
): Dialect {
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
      throw new StoreError("failed", "cannot stream a query through the store: read it page by page");
    },
  };
  const rejectTransaction = (): Promise<void> =>
    Promise.reject(
      new StoreError(
        "failed",
        "cannot run a transaction of several operations: declare one operation for all statements",
      ),
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
  const rejectIntrospection = (): never => {
    throw new StoreError("failed", "cannot read the tables through the store: its migrations alone define them");
  };
  return { ...language, createDriver: () => driver, createIntrospector: rejectIntrospection };
}

function findEntry({ query }: CompiledQuery, auditInsert: AuditInsert): NewAuditEntry | undefined {
  const table = query.kind === "InsertQueryNode" ? query.into?.table.identifier.name : undefined;
  return table === undefined ? undefined : auditInsert(table);
}
