import { describe } from "vitest";
import { POSTGRES } from "./postgres-database.ts";
import { chooseDatabase } from "./test-database.ts";

/** Runs files with tests of the contract on Postgres: each `load` imports one. Their servers all run at the same time. */
export async function runOnPostgres(loads: readonly (() => Promise<unknown>)[]): Promise<void> {
  chooseDatabase(POSTGRES);
  for (const load of loads) await load();
}

/** Does the same with the servers of one file after those of another. @param options `withRedis`: Redis connects servers. */
export function runInTurnOnPostgres(
  files: Readonly<Record<string, () => Promise<unknown>>>,
  { withRedis }: { readonly withRedis: boolean },
): void {
  chooseDatabase({ ...POSTGRES, connectsServers: !withRedis });
  for (const [name, load] of Object.entries(files)) {
    describe(name, async () => {
      await load();
    });
  }
}
