import { POSTGRES } from "./postgres-database.ts";
import { chooseDatabase } from "./test-database.ts";

/** Runs files with tests of the contract on Postgres: each `load` imports one. */
export async function runOnPostgres(loads: readonly (() => Promise<unknown>)[]): Promise<void> {
  chooseDatabase(POSTGRES);
  for (const load of loads) await load();
}
