import { CompiledQuery } from "kysely";
import { appendAudit, type NewAuditEntry } from "../audit/audit-log.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";

/** A statement of the accounts library. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export interface StatementResult {
  readonly rows: unknown[];
  readonly numAffectedRows?: bigint | undefined;
  readonly insertId?: bigint | undefined;
}

export async function runStatement({ db }: ReadContext, { sql, parameters }: Statement): Promise<StatementResult> {
  const { rows, numAffectedRows, insertId } = await db.executeQuery(CompiledQuery.raw(sql, [...parameters]));
  return { rows, numAffectedRows, insertId };
}

/** Runs a statement that writes, and adds an entry to the audit log in the same transaction. */
export async function runAuditedStatement(
  context: WriteContext,
  { audit, ...statement }: Statement & { readonly audit?: NewAuditEntry | undefined },
): Promise<StatementResult> {
  const result = await runStatement(context, statement);
  if (audit !== undefined) await appendAudit(context, audit);
  return result;
}
