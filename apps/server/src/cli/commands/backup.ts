import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { backupDatabase, type DrillResult, drillRestore, restoreDatabase } from "../../main/backups.ts";
import { backupFiles, type CopiedContents, describeProblems, restoreFiles } from "../../main/file-backups.ts";
import { askConfirmation } from "../questions.ts";
import { CommandFailed, isInteractive, print, printError, printJson, type Terminal, UsageError } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command("backup")
    .description("copy the database to a new file as a consistent snapshot; a server can be running")
    .argument("<file>", "the backup to create; the file must not exist yet")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  multichat backup /var/backups/multichat-$(date +%F).db
  DATA_DIR=/var/lib/multichat multichat backup copy.db --json

The files of messages are copied to the folder multichat-files beside the backup, which all backups there share: only new ones are
copied. The copy is checked and on disk when the command ends. It contains password hashes and sessions: protect it like the database.`,
    )
    .action(async (file: string, { json }: { json?: boolean }) => {
      const databaseFile = requireSqlite(terminal);
      if (!existsSync(databaseFile)) throw new CommandFailed(`expected a database at ${databaseFile}, found none`);
      const to = resolve(terminal.cwd, file);
      const { bytes, unrecorded } = await backupDatabase(databaseFile, to);
      if (unrecorded !== undefined) {
        printError(terminal, `warning: failed to record the backup in the audit log: ${unrecorded}`);
      }
      const files = await backupFiles(to, { filesDir: readConfig(terminal).filesDir, databaseFile });
      if (json) printJson(terminal, { database: databaseFile, backup: to, bytes, files: toCounts(files) });
      else {
        print(terminal, `copied ${databaseFile} to ${to} (${bytes} bytes)`);
        printFiles(terminal, files);
      }
      failForProblems("the database was copied, but not all of its files", files);
    });

  program
    .command("restore")
    .description("replace the database with a backup; the server must be stopped")
    .argument("<file>", "the backup")
    .option("--yes", "replace an existing database without asking")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  multichat restore /var/backups/multichat-2026-01-31.db
  DATA_DIR=/var/lib/multichat multichat restore copy.db --yes

The files of messages are copied back from the folder multichat-files beside the backup. An existing database is renamed, not
deleted. Reconnecting clients reload everything, because they may have seen more than the
backup contains. All users must sign in again. Accounts are restored too: one that was deactivated since the backup is active.`,
    )
    .action(async (file: string, { yes, json }: { yes?: boolean; json?: boolean }) => {
      const databaseFile = requireSqlite(terminal);
      const exists = existsSync(databaseFile);
      if (exists && yes !== true) await askToReplace(terminal, databaseFile);
      const backup = resolve(terminal.cwd, file);
      const { epoch, previousFile } = await restoreDatabase({
        backup,
        file: databaseFile,
        replaceExisting: exists,
      });
      // Of the restored database, because an older one has no files yet. A server that starts meanwhile finds them one by one.
      const files = await restoreFiles(backup, { filesDir: readConfig(terminal).filesDir });
      if (json) {
        printJson(terminal, {
          database: databaseFile,
          epoch,
          previousFile: previousFile ?? null,
          files: toCounts(files),
        });
      } else {
        const previous = previousFile === undefined ? "" : `; the previous database is now ${previousFile}`;
        print(terminal, `restored ${databaseFile}${previous}`);
        printFiles(terminal, files);
      }
      failForProblems("the database was restored, but not all of its files", files);
    });
}

function toCounts({ copied, present, bytes, missing, damaged }: CopiedContents): object {
  return { copied, present, bytes, missing, damaged };
}

function printFiles(terminal: Terminal, { copied, present, bytes }: CopiedContents): void {
  if (copied + present === 0) return;
  print(terminal, `copied ${copied} files (${bytes} bytes); ${present} were there already`);
}

/** @throws CommandFailed where files are missing or damaged. */
function failForProblems(what: string, files: CopiedContents): void {
  const problems = describeProblems(files);
  if (problems.length > 0) throw new CommandFailed(`${what}: ${problems.join("; ")}`);
}

const HOUR_MS = 3_600_000;

export function addRestoreDrillCommand(program: Command, terminal: Terminal): void {
  program
    .command("restore-drill")
    .description("restore the latest backup into a temporary folder and check what is in it; nothing is replaced")
    .argument("<path>", "a backup, or a folder whose latest file ending in .db is one")
    .option("--max-age <hours>", "fail if the backup is older")
    .option("--within <folder>", "restore below this folder; the system's temporary folder by default")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  multichat restore-drill /var/backups
  multichat restore-drill /var/backups --max-age 26 --json
  multichat restore-drill /var/backups/multichat-2026-01-31.db --within /srv/space

Checks the file, every index and reference, the numbers of each room's events, the chain of the audit log and the
content of every file. Exits with 1 if
anything is wrong. Neither the backup nor the database is changed; a server can be running.`,
    )
    .action(async (path: string, options: { maxAge?: string; within?: string; json?: boolean }) => {
      const maxAgeHours = options.maxAge === undefined ? undefined : parseHours(options.maxAge);
      const result = await drillRestore({
        path: resolve(terminal.cwd, path),
        within: options.within === undefined ? undefined : resolve(terminal.cwd, options.within),
      });
      const ageHours = (Date.now() - result.writtenAt) / HOUR_MS;
      const isTooOld = maxAgeHours !== undefined && ageHours > maxAgeHours;
      const problems = isTooOld
        ? [...result.problems, `the backup is ${ageHours.toFixed(1)} hours old, expected at most ${maxAgeHours}`]
        : result.problems;
      if (options.json) printJson(terminal, toJson({ ...result, problems }));
      else printDrill(terminal, { ...result, problems });
      if (problems.length > 0) throw new CommandFailed(`the drill failed: ${problems.join("; ")}`);
    });
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (text.trim() !== "" && hours > 0 && Number.isFinite(hours)) return hours;
  throw new UsageError(`--max-age: expected a number of hours above 0, got ${JSON.stringify(text)}`);
}

function toJson({ writtenAt, lastEventAt, restoreMs, checkMs, ...result }: DrillResult): object {
  return {
    ...result,
    writtenAt: new Date(writtenAt).toISOString(),
    lastEventAt: lastEventAt === null ? null : new Date(lastEventAt).toISOString(),
    restoreMs: Math.round(restoreMs),
    checkMs: Math.round(checkMs),
  };
}

function printDrill(
  terminal: Terminal,
  { backup, bytes, writtenAt, restoreMs, checkMs, ...result }: DrillResult,
): void {
  const { counts, lastEventAt, problems } = result;
  const n = (value: number) => value.toLocaleString("en");
  const lastEvent = lastEventAt === null ? "none" : new Date(lastEventAt).toISOString();
  print(terminal, `backup      ${backup} (${n(bytes)} bytes, written ${new Date(writtenAt).toISOString()})`);
  print(terminal, `restored    in ${n(Math.round(restoreMs))} ms, checked in ${n(Math.round(checkMs))} ms`);
  print(terminal, `accounts    ${n(counts.accounts)}`);
  print(terminal, `rooms       ${n(counts.rooms)}`);
  print(terminal, `messages    ${n(counts.messages)}`);
  print(terminal, `events      ${n(counts.events)}, the last one: ${lastEvent}`);
  print(terminal, `audit log   ${n(counts.auditEntries)} entries`);
  print(terminal, `files       ${n(result.files)}`);
  print(terminal, problems.length === 0 ? "nothing is wrong" : `problems    ${n(problems.length)}`);
}

async function askToReplace(terminal: Terminal, database: string): Promise<void> {
  if (!isInteractive(terminal)) throw new UsageError("expected --yes: there is no terminal to ask on");
  if (!(await askConfirmation(terminal, `Replace ${database}? The current file is renamed, not deleted.`))) {
    throw new CommandFailed("nothing was restored");
  }
}

/** Returns the file of the database. PostgreSQL brings tools of its own, which copy a database that is in use. */
function requireSqlite(terminal: Terminal): string {
  const { databaseFile, postgresUrl } = readConfig(terminal);
  if (postgresUrl === null) return databaseFile;
  throw new CommandFailed(
    "expected a SQLite database, but DATABASE_URL leads to PostgreSQL: copy it with pg_dump and restore it with pg_restore, as docs/operations/postgres.md says",
  );
}
