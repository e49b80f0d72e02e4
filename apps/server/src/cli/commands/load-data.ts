import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { decodeUtf8 } from "../../process/utf8.ts";
import { findWeakPasswords, type LoadCounts, loadData } from "../../setup/index.ts";
import { CommandFailed, print, printError, readStdin, type Terminal } from "../terminal.ts";
import { readConfig, withChat } from "../with-chat.ts";
import { describeProblems, readDataFile } from "./data-file.ts";

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Smaller files load too fast to show progress. */
const MIN_ITEMS_FOR_PROGRESS = 50;

export function addLoadDataCommand(program: Command, terminal: Terminal): void {
  program
    .command("loaddata")
    .description("create users and rooms from a JSON file; loading it again creates no duplicates")
    .argument("<file>", "the file, or - for stdin")
    .option(
      "--allow-weak-passwords",
      "create users whose password is too short or easy to guess; they have to change it",
    )
    .addHelpText(
      "after",
      `
The file:
  { "users": [{ "username": "alice", "password": "…", "staff": true, "superuser": false }],
    "rooms": [{ "title": "General" }, { "title": "Office", "staffOnly": true }] }

Rooms are created in order, starting with number 1 in an empty database. Users are matched by username and rooms by title;
existing ones keep their password and get the flags in the file. The whole file is validated before anything is written,
also the passwords of new users.

Examples:
  multichat loaddata people-and-rooms.json
  multichat loaddata - < people-and-rooms.json`,
    )
    .action(async (file: string, { allowWeakPasswords }: { readonly allowWeakPasswords?: boolean }) => {
      const name = file === "-" ? "stdin" : file;
      const content =
        file === "-" ? await readStdin(terminal, MAX_FILE_BYTES) : await readTextFile(resolve(terminal.cwd, file));
      const data = readDataFile(name, content, readConfig(terminal).limits);
      await withChat(terminal, async ({ context }) => {
        const weak = await findWeakPasswords(context, data.users);
        if (weak.size > 0 && allowWeakPasswords !== true) {
          const problems = [...weak].map(([index, reason]) => `users[${index}].password: ${reason}`);
          throw new CommandFailed(
            `${describeProblems(name, problems)}\nChoose other passwords, or use --allow-weak-passwords: the users then have to change theirs.`,
          );
        }
        const progress = makeProgressReporter(terminal, data.users.length + data.rooms.length);
        const { users, rooms } = await loadData(context, {
          users: data.users.map((user, index) => ({ ...user, passwordChangeRequired: weak.has(index) })),
          rooms: data.rooms,
          progress,
        });
        print(terminal, `users: ${formatCounts(users)}`);
        print(terminal, `rooms: ${formatCounts(rooms)}`);
        if (weak.size > 0)
          printError(terminal, formatWeakPasswordWarning([...weak.keys()].map((index) => data.users[index]?.username)));
      });
    });
}

async function readTextFile(path: string): Promise<string> {
  try {
    return decodeUtf8(await readFile(path));
  } catch (error) {
    throw new CommandFailed(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function formatWeakPasswordWarning(usernames: readonly (string | undefined)[]): string {
  const shown = `${usernames.slice(0, 5).join(", ")}${usernames.length > 5 ? ", …" : ""}`;
  return `warning: weak passwords, to be changed after the first sign-in: ${usernames.length} (${shown})`;
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
