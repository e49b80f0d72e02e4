import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { openOffline } from "../../src/main/offline.ts";

const page = readFileSync(new URL("../../../../docs/reference/cli.md", import.meta.url), "utf8");
const { stdin, stdout, stderr } = process;
const program = createProgram({ stdin, stdout, stderr, env: {}, cwd: "/", openChat: openOffline });

/** Returns the commands without subcommands, with their full names. */
const leaves = (command: Command, name: string): [string, Command][] =>
  command.commands.length === 0
    ? [[name, command]]
    : command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`));
const commands = leaves(program, "multichat");
const rows = [...page.matchAll(/^\| `(multichat [^`]+)` \| (.+) \|$/gm)].map(
  ([, name = "", does = ""]) => [name, does] as const,
);

test("the reference page lists exactly the commands of the program, in the same order", () => {
  expect(commands.length).toBeGreaterThan(15);
  expect(rows.map(([name]) => name)).toEqual(commands.map(([name]) => name));
});

test("the page lists exactly the options of every command", () => {
  for (const [name, command] of commands) {
    const documented = [...(rows.find(([row]) => row === name)?.[1] ?? "").matchAll(/--[a-z-]+/g)].map(
      ([option]) => option,
    );
    const options = command.options.map(({ long }) => long);
    expect([name, [...new Set(documented)].sort()]).toEqual([name, options.sort()]);
  }
});

test("every command and option has a description", () => {
  for (const [name, command] of commands) {
    expect(command.description(), name).not.toBe("");
    for (const { description, flags } of command.options) expect(description, `${name} ${flags}`).not.toBe("");
  }
});
