import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SOURCE_VARIABLES } from "../support/source-arguments.ts";
import { TestShell } from "./test-terminal.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/multichat.mjs", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "multichat-bytes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line of a shell script, whose bytes are those of Latin-1. Node itself cannot pass such arguments on. */
function runLatin1(line: string): SpawnSyncReturns<string> {
  const script = join(folder, "script.sh");
  writeFileSync(
    script,
    Buffer.from(`multichat() { exec "${process.execPath}" "${LAUNCHER}" "$@"; }\n${line}\n`, "latin1"),
  );
  return spawnSync("/bin/sh", [script], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...SOURCE_VARIABLES, HOME: folder },
  });
}

/** Nothing was written, or nothing of it is the replacement character. */
function expectNothingStored(): void {
  const database = join(folder, "data", "multichat.db");
  for (const file of [database, `${database}-wal`]) {
    if (existsSync(file)) expect(readFileSync(file).includes("\uFFFD")).toBe(false);
  }
}

describe("bytes that are not UTF-8 are refused by the command, and nothing is stored", () => {
  test.each([
    ["an argument", "multichat room create 'Caf\u00e9'", 2],
    ["an option", "multichat room create Lobby --topic 'Caf\u00e9'", 2],
    ["an option with =", "multichat createsuperuser --username='Ren\u00e9' --password-stdin </dev/null", 2],
    [
      "a password on stdin",
      "printf 'ein langes Pa\u00dfwort' | multichat createsuperuser --username root --password-stdin",
      1,
    ],
    ["a file's name", "multichat loaddata 'caf\u00e9.json'", 2],
    ["a variable", "ADMIN_USERNAME='Ren\u00e9' ADMIN_PASSWORD='a long password' multichat serve", 1],
    ["a variable with a password", "ADMIN_USERNAME=root ADMIN_PASSWORD='ein langes Pa\u00dfwort' multichat serve", 1],
    ["a folder's name in a variable", "DATA_DIR='./caf\u00e9' multichat migrate", 1],
    ["the name of a file with a secret", "ADMIN_PASSWORD_FILE='./caf\u00e9' multichat migrate", 1],
    [
      "a file with a secret",
      "printf 'ein langes Pa\u00dfwort' >word; ADMIN_USERNAME=root ADMIN_PASSWORD_FILE=word multichat serve",
      1,
    ],
    [
      "variables of an .env file",
      "printf 'ADMIN_PASSWORD=\"ein langes Pa\u00dfwort\"\\nADMIN_USERNAME=root\\n' >.env; set -a; . ./.env; multichat serve",
      1,
    ],
    [
      "the configuration file",
      `printf '{"ADMIN_USERNAME":"root","ADMIN_PASSWORD":"ein langes Pa\u00dfwort"}' >multichat.config.json; multichat migrate`,
      1,
    ],
    ["imported data", `printf '{"rooms":[{"title":"Caf\u00e9"}]}' >data.json; multichat loaddata data.json`, 1],
    ["imported data on stdin", `printf '{"rooms":[{"title":"Caf\u00e9"}]}' | multichat loaddata -`, 1],
  ])("%s", (_what, line, code) => {
    const run = runLatin1(line);
    expect([run.status, run.stdout]).toEqual([code, ""]);
    expect(run.stderr).toMatch(/UTF-8/);
    expect(run.stderr).not.toMatch(/at .*\.[mt]js?:/);
    expectNothingStored();
  });
});

test.each([
  ["room", "create", "Caf\uFFFD"],
  ["room", "create", "half \ud83d"],
  ["room", "rename", "1", "\uFFFD"],
  ["room", "topic", "1", "a\uFFFDb"],
  ["notice", "--room", "1", "Caf\uFFFD"],
  ["notice", "--room", "1", "--id", "\uFFFD", "text"],
  ["user", "create", "Ren\uFFFD", "--password-stdin"],
  ["user", "password", "Ren\uFFFD", "--password-stdin"],
  ["createsuperuser", "--email", "\uFFFD@example.org", "--password-stdin"],
  ["backup", "\uFFFD.db"],
])("an argument whose bytes were lost is refused before the database is opened: %j %j %j", async (...args) => {
  const shell = await TestShell.open();
  try {
    const { code, stderr } = await shell.run(args, "a long password");
    expect(code).toBe(2);
    expect(stderr).toContain("expected arguments in UTF-8");
    expect(existsSync(join(shell.cwd, "data"))).toBe(false);
  } finally {
    await shell[Symbol.asyncDispose]();
  }
});

test.each([
  ["a replaced character", Buffer.from("a long pass\uFFFDword")],
  ["Latin-1", Buffer.from("ein langes Pa\u00dfwort", "latin1")],
  ["UTF-16", Buffer.from("a long password", "utf16le")],
  ["half of a character", Buffer.concat([Buffer.from("a long password"), Buffer.from([0xe2, 0x82])])],
])("a password on stdin is refused: %s", async (what, password) => {
  const shell = await TestShell.open();
  try {
    const { code, stderr } = await shell.run(["createsuperuser", "--username", "root", "--password-stdin"], password);
    // UTF-16 of ASCII is UTF-8 with control characters.
    expect(code).toBe(1);
    expect(stderr).toMatch(what === "UTF-16" ? /control characters/ : /UTF-8|U\+FFFD/);
    expect(await shell.json(["user", "list"])).toEqual([]);
  } finally {
    await shell[Symbol.asyncDispose]();
  }
});
