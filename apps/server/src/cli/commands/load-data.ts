import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type LoadCounts, loadData } from "../../setup/index.ts";
import { CommandFailed, print, printError, readStdin, type Terminal } from "../terminal.ts";
import { readConfig, withChat } from "../with-chat.ts";
import { readDataFile } from "./data-file.ts";

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Smaller files load too fast to show progress. */
const MIN_ITEMS_FOR_PROGRESS = 50;

export function addLoadDataCommand(program: Command, terminal: Terminal): void {
  program
    .command("loaddata")
    .description("create users and rooms from a JSON file; loading it again creates no duplicates")
    .argument("<file>", "the file, or - for stdin")
    .addHelpText(
      "after",
      `
The file:
  { "users": [{ "username": "alice", "password": "…", "staff": true, "superuser": false }],
    "rooms": [{ "title": "General" }, { "title": "Office", "staffOnly": true }] }

Rooms are created in order, starting with number 1 in an empty database. Users are matched by username and rooms by title;
existing ones keep their password and get the flags in the file. The whole file is validated before anything is written.

Examples:
  multichat loaddata people-and-rooms.json
  multichat loaddata - < people-and-rooms.json`,
    )
    .action(async (file: string) => {
      const content =
        file === "-" ? await readStdin(terminal, MAX_FILE_BYTES) : await readTextFile(resolve(terminal.cwd, file));
      const data = readDataFile(file === "-" ? "stdin" : file, content, readConfig(terminal).limits);
      await withChat(terminal, async ({ config, context }) => {
        const total = data.users.length + data.rooms.length;
        const progress = makeProgressReporter(terminal, total);
        const { users, rooms } = await loadData(context, { ...data, progress });
        print(terminal, `users: ${formatCounts(users)}`);
        print(terminal, `rooms: ${formatCounts(rooms)}`);
        if (data.weak.length > 0) {
          printError(
            terminal,
            `warning: ${data.weak.length} of the passwords ${data.weak.length === 1 ? "is" : "are"} shorter than ${config.limits.passwordMinChars} characters (${data.weak.slice(0, 5).join(", ")}${data.weak.length > 5 ? ", …" : ""})`,
          );
        }
      });
    });
}

async function readTextFile(path: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(path));
  } catch (error) {
    throw new CommandFailed(`expected a readable file in UTF-8: ${error instanceof Error ? error.message : error}`);
  }
}

function formatCounts({ created, changed, unchanged }: LoadCounts): string {
  return `${created} created, ${changed} changed, ${unchanged} unchanged`;
}

/** Reports progress on stderr, which is not piped: a counter on a terminal, otherwise a line for every tenth. */
function makeProgressReporter(terminal: Terminal, total: number): (done: number) => void {
  if (total < MIN_ITEMS_FOR_PROGRESS) return () => {};
  const { stderr } = terminal;
  let tenths = 0;
  return (done) => {
    if (stderr.isTTY === true) {
      stderr.write(`\r${done} of ${total}${done === total ? "\n" : ""}`);
      return;
    }
    const reached = Math.floor((done * 10) / total);
    if (reached > tenths) printError(terminal, `${done} of ${total}`);
    tenths = reached;
  };
}
