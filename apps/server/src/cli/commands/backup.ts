import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { copyDatabase, restoreDatabase } from "../../main-offline.ts";
import { askConfirmation } from "../questions.ts";
import { CommandFailed, isInteractive, print, printJson, type Terminal, UsageError } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command("backup")
    .description("copy the database into a new file, as it is at one moment; a server may be running")
    .argument("<file>", "where to; there must be no such file yet")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Examples:
  multichat backup /var/backups/multichat-$(date +%F).db
  DATA_DIR=/var/lib/multichat multichat backup copy.db --json

The copy is looked over and on the disk when this ends. It holds password hashes and sessions: keep it as you keep the database.`,
    )
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { databaseFile } = readConfig(terminal);
      if (!existsSync(databaseFile)) throw new CommandFailed(`there is no database at ${databaseFile}`);
      const to = resolve(terminal.cwd, file);
      const { bytes } = await copyDatabase(databaseFile, to);
      if (json) return printJson(terminal, { database: databaseFile, backup: to, bytes });
      print(terminal, `copied ${databaseFile} to ${to} (${bytes} bytes)`);
    });

  program
    .command("restore")
    .description("put a backup in the database's place; the server must be stopped")
    .argument("<file>", "the backup")
    .option("--yes", "do not ask whether to replace the database that is there")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Examples:
  multichat restore /var/backups/multichat-2026-01-31.db
  DATA_DIR=/var/lib/multichat multichat restore copy.db --yes

A database that is there is put aside, not deleted. Clients that come back begin anew: they may have seen more than the backup
holds. Everybody signs in again; accounts are as they were when it was made, also those that were shut out since.`,
    )
    .action(async (file: string, { yes, json }: { yes?: boolean; json?: boolean }) => {
      const { databaseFile } = readConfig(terminal);
      const replace = existsSync(databaseFile);
      if (replace && yes !== true) await askToReplace(terminal, databaseFile);
      const { epoch, previousFile } = await restoreDatabase({
        backup: resolve(terminal.cwd, file),
        file: databaseFile,
        replaceExisting: replace,
      });
      if (json) return printJson(terminal, { database: databaseFile, epoch, aside: previousFile ?? null });
      print(
        terminal,
        `restored ${databaseFile}${previousFile === undefined ? "" : `; the previous database is ${previousFile}`}`,
      );
    });
}

async function askToReplace(terminal: Terminal, database: string): Promise<void> {
  if (!isInteractive(terminal)) throw new UsageError("expected --yes: there is no terminal to ask on");
  if (!(await askConfirmation(terminal, `Replace ${database}? It is put aside.`))) {
    throw new CommandFailed("nothing was restored");
  }
}
