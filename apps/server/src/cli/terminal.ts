import type { Readable, Writable } from "node:stream";
import type { Config } from "../config/config.ts";
import type { Offline } from "../main-offline.ts";

/** What the command line speaks to: the process's own streams, or a test's. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How a command gets at the chat: opened for it, and closed after it. */
  readonly openChat: (config: Config) => Promise<Offline>;
}

/** 0: done; 1: it failed; 2: it was called wrongly. */
export type ExitCode = 0 | 1 | 2;

/** The command cannot be done; the message is for whoever typed it. Exit code 1. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** The command was called wrongly. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "CalledWrongly";
}

/** Somebody is there to answer a question. */
export function isInteractive({ stdin, stdout }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

export function print({ stdout }: Terminal, line: string): void {
  stdout.write(`${line}\n`);
}

export function printError({ stderr }: Terminal, line: string): void {
  stderr.write(`${line}\n`);
}

export function printJson(terminal: Terminal, value: unknown): void {
  print(terminal, JSON.stringify(value, null, 2));
}

/** Columns as wide as their widest cell. What people have written is shown without its control characters. */
export function printTable(terminal: Terminal, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, ...rows].map((row) => row.map(stripControlCharacters));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  for (const line of lines) {
    print(
      terminal,
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

/** Without the characters that would move the cursor or colour the rest. */
export function stripControlCharacters(text: string): string {
  return text.replace(/\p{Cc}/gu, "�");
}

/** All of stdin, as text, without the last line's end. */
export async function readStdin({ stdin }: Terminal, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > most) throw new CommandFailed(`expected at most ${most} bytes on stdin`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
