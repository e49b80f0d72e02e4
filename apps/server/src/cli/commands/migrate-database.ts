import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { databaseUrl, InvalidValue } from "../../config/value-readers.ts";
import { type CopyResult, copyDatabaseTo, type DatabasePlace, type Receipt } from "../../main/copy-database.ts";
import { describeDatabase } from "../../main/offline.ts";
import { CommandFailed, print, printError, printJson, printTable, type Terminal, UsageError } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly receipt?: string;
  readonly json?: boolean;
}

/** Differences that are printed; the receipt has all of them. */
const MAX_PRINTED = 20;
const REPORT_INTERVAL_MS = 2_000;

export function addMigrateDatabaseCommand(program: Command, terminal: Terminal): void {
  program
    .command("migrate-database")
    .description("copy the chat from SQLite to PostgreSQL or back, into an empty database; the servers must be stopped")
    .option("--from <url>", "the source, such as sqlite:./data/multichat.db (default: the configured database)")
    .option("--to <url>", "the target, such as postgres://USER@HOST/DATABASE (default: the configured database)")
    .option("--receipt <file>", "write the counts and hashes of both sides as JSON, also for each room")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  DATABASE_URL_FILE=/run/secrets/database-url multichat migrate-database --from sqlite:./data/multichat.db
  multichat migrate-database --from postgres://multichat@db.example.org/multichat --to sqlite:./copy.db --receipt receipt.json

At the end both databases are read again and compared. If they differ, the command fails and no server opens the target. After an
interruption, run the same command again: it goes on where it was. The source is not changed. A password in a URL is visible to
every user of the machine: leave out the option for that side and set DATABASE_URL or DATABASE_URL_FILE.`,
    )
    .action(async (options: Options) => {
      const config = readConfig(terminal);
      if (options.from === undefined && options.to === undefined) {
        throw new UsageError("expected --from, --to or both, got neither");
      }
      const place = (given: string | undefined, name: string): DatabasePlace =>
        given === undefined ? config : readPlace(given, name, terminal.cwd);
      const [from, to] = [place(options.from, "--from"), place(options.to, "--to")];
      const result = await copyDatabaseTo({ from, to, ...(options.json ? {} : reportProgress(terminal)) });
      if (options.receipt !== undefined) {
        await writeFile(resolve(terminal.cwd, options.receipt), `${JSON.stringify(toReceipt(result), null, 2)}\n`);
      }
      if (options.json) printJson(terminal, toReceipt(result));
      else printResult(terminal, result, { from, to });
      if (result.differences.length > 0) throw new CommandFailed(describeDifferences(result.differences));
    });
}

/** @throws UsageError. */
function readPlace(given: string, name: string, cwd: string): DatabasePlace {
  try {
    const address = databaseUrl(given);
    if ("url" in address) return { databaseFile: "", postgresUrl: address.url };
    return { databaseFile: resolve(cwd, address.file), postgresUrl: null };
  } catch (error) {
    if (error instanceof InvalidValue) throw new UsageError(`${name}: expected ${error.message}`);
    throw error;
  }
}

function toReceipt({ source, target, differences, isResumed }: CopyResult) {
  return { equal: differences.length === 0, resumed: isResumed, differences, source, target };
}

function printResult(terminal: Terminal, result: CopyResult, { from, to }: Record<"from" | "to", DatabasePlace>): void {
  const { source, target, differences, isResumed } = result;
  const row = (name: string, of: (receipt: Receipt) => { rows: number; sha256: string } | undefined) => {
    const [a, b] = [of(source), of(target)];
    const isEqual = a?.rows === b?.rows && a?.sha256 === b?.sha256;
    return [
      name,
      String(a?.rows ?? 0),
      String(b?.rows ?? 0),
      a?.sha256.slice(0, 16) ?? "",
      isEqual ? "equal" : "DIFFERENT",
    ];
  };
  printTable(
    terminal,
    ["table", "source", "target", "sha256 of the source", ""],
    Object.keys(source.tables).map((name) => row(name, ({ tables }) => tables[name])),
  );
  const rooms = Object.keys(source.rooms).length;
  print(terminal, `messages and events of each of ${rooms} rooms: ${differences.length === 0 ? "equal" : "DIFFERENT"}`);
  const verb = isResumed ? "finished copying" : "copied";
  if (differences.length === 0) print(terminal, `${verb} ${describeDatabase(from)} to ${describeDatabase(to)}`);
}

function describeDifferences(differences: readonly string[]): string {
  const more = differences.length > MAX_PRINTED ? `, and ${differences.length - MAX_PRINTED} more` : "";
  return `expected equal databases after the copy, but these differ: ${differences.slice(0, MAX_PRINTED).join(", ")}${more}. No server opens the target: empty it, and start again`;
}

/** Prints to stderr: the result is on stdout. */
function reportProgress(terminal: Terminal) {
  let reportedAt = performance.now();
  const report = (line: () => string): void => {
    if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
    reportedAt = performance.now();
    printError(terminal, line());
  };
  const number = (count: number): string => count.toLocaleString("en");
  return {
    onCopied: (table: string, copied: number, total: number) =>
      report(() => `copying ${table}: ${number(copied)} of ${number(total)}`),
    onComparing: (part: string) => report(() => `comparing ${part}`),
    onIndexing: (remaining: number) => report(() => `indexing messages for search: ${number(remaining)} left`),
  };
}
