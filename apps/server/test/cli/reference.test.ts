import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { openOffline } from "../../src/main-offline.ts";

const page = readFileSync(new URL("../../../../docs/reference/cli.md", import.meta.url), "utf8");
const { stdin, stdout, stderr } = process;
const program = createProgram({ stdin, stdout, stderr, env: {}, cwd: "/", openChat: openOffline });

/** The commands that do something, by their whole names. */
const leaves = (command: Command, name: string): [string, Command][] =>
  command.commands.length === 0
    ? [[name, command]]
    : command.commands.flatMap((one) => leaves(one, `${name} ${one.name()}`));
const commands = leaves(program, "multichat");
const rows = [...page.matchAll(/^\| `(multichat [^`]+)` \| (.+) \|$/gm)].map(
  ([, name = "", does = ""]) => [name, does] as const,
);

test("the reference page and the program have the same commands, in the same order", () => {
  expect(commands.length).toBeGreaterThan(15);
  expect(rows.map(([name]) => name)).toEqual(commands.map(([name]) => name));
});

test("the page names every option of every command, and no other", () => {
  for (const [name, command] of commands) {
    const told = [...(rows.find(([row]) => row === name)?.[1] ?? "").matchAll(/--[a-z-]+/g)].map(([option]) => option);
    const options = command.options.map(({ long }) => long);
    expect([name, [...new Set(told)].sort()]).toEqual([name, options.sort()]);
  }
});

test("every command and every argument and option of it is described", () => {
  for (const [name, command] of commands) {
    expect(command.description(), name).not.toBe("");
    for (const { description, flags } of command.options) expect(description, `${name} ${flags}`).not.toBe("");
  }
});
