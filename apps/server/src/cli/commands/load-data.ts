import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type LoadCounts, loadData } from "../../setup/index.ts";
import { CommandFailed, print, printError, readStdin, type Terminal } from "../terminal.ts";
import { readConfig, withChat } from "../with-chat.ts";
import { readDataFile } from "./data-file.ts";

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Fewer than this many are done before anybody wonders. */
const MIN_ITEMS_FOR_PROGRESS = 50;

export function addLoadDataCommand(program: Command, terminal: Terminal): void {
  program
    .command("loaddata")
    .description("make users and rooms from a JSON file; again makes nothing twice")
    .argument("<file>", "the file; - for stdin")
    .addHelpText(
      "after",
      `
The file:
  { "users": [{ "username": "alice", "password": "…", "staff": true, "superuser": false }],
    "rooms": [{ "title": "General" }, { "title": "Office", "staffOnly": true }] }

Rooms are made in order: in an empty database the first one is number 1. Users are known by username, rooms by title: who
and what is there already keeps the password and gets the flags that the file mentions. All of the file is checked before
anything is written.

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
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CommandFailed(`expected a file that can be read: ${error instanceof Error ? error.message : error}`);
  }
}

function formatCounts({ created: made, changed, unchanged: kept }: LoadCounts): string {
  return `${made} made, ${changed} changed, ${kept} as they were`;
}

/** On stderr, so that it is in nobody's pipe: on a terminal one line that counts, else a line for every tenth. */
function makeProgressReporter(terminal: Terminal, total: number): (done: number) => void {
  if (total < MIN_ITEMS_FOR_PROGRESS) return () => {};
  const { stderr } = terminal;
  let tenths = 0;
  return (done) => {
    if (stderr.isTTY === true) {
      stderr.write(`\r${done} of ${total}${done === total ? "\n" : ""}`);
      return;
    }
    const now = Math.floor((done * 10) / total);
    if (now > tenths) printError(terminal, `${done} of ${total}`);
    tenths = now;
  };
}
