import type { Command } from "commander";
import { describeDatabase, type MigrationProgress, migrateDatabase } from "../../main/offline.ts";
import { print, printJson, type Terminal } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

export function addMigrateCommand(program: Command, terminal: Terminal): void {
  program
    .command("migrate")
    .description("migrate the database to this version; serve does it automatically")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  multichat migrate\n  DATA_DIR=/var/lib/multichat multichat migrate --json")
    .action(async ({ json }: { json?: boolean }) => {
      const config = readConfig(terminal);
      const database = describeDatabase(config);
      const { from, to } = await migrateDatabase(config, json ? {} : reportProgress(terminal));
      if (json) return printJson(terminal, { database, from, to });
      print(terminal, `${database}: ${from === to ? `already at schema ${to}` : `schema ${from} -> ${to}`}`);
    });
}

const REPORT_INTERVAL_MS = 2_000;

/** Prints each step, and every few seconds how many messages are still to be indexed. */
function reportProgress(terminal: Terminal): MigrationProgress {
  let reportedAt = performance.now();
  return {
    onMigrating: ({ schema, last }) => print(terminal, `migrating to schema ${schema} of ${last}`),
    onIndexing: (remaining) => {
      if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
      reportedAt = performance.now();
      print(terminal, `indexing messages for search: ${remaining.toLocaleString("en")} left`);
    },
  };
}
