import type { Command } from "commander";
import { migrateDatabase } from "../../main-offline.ts";
import { print, printJson, type Terminal } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

export function addMigrateCommand(program: Command, terminal: Terminal): void {
  program
    .command("migrate")
    .description("migrate the database to this version; serve does it automatically")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  multichat migrate\n  DATA_DIR=/var/lib/multichat multichat migrate --json")
    .action(async ({ json }: { json?: boolean }) => {
      const { databaseFile } = readConfig(terminal);
      const { from, to } = await migrateDatabase(databaseFile);
      if (json) return printJson(terminal, { database: databaseFile, from, to });
      print(terminal, `${databaseFile}: ${from === to ? `already at schema ${to}` : `schema ${from} -> ${to}`}`);
    });
}
