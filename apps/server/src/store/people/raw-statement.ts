import { CompiledQuery } from "kysely";
import type { ReadContext } from "../database/context.ts";

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
