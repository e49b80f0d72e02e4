import { CompiledQuery, type Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";

/** A statement of the accounts library, which brings its own SQL. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export interface StatementResult {
  readonly rows: unknown[];
  readonly numAffectedRows?: bigint | undefined;
  readonly insertId?: bigint | undefined;
}

export async function runStatement(db: Kysely<Tables>, { sql, parameters }: Statement): Promise<StatementResult> {
  const { rows, numAffectedRows, insertId } = await db.executeQuery(CompiledQuery.raw(sql, [...parameters]));
  return { rows, numAffectedRows, insertId };
}
