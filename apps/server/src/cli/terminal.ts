import type { Readable, Writable } from "node:stream";
import type { Config } from "../config/config.ts";
import type { Offline } from "../main/offline.ts";
import { decodeUtf8 } from "../process/utf8.ts";

/** The input and output of the command line: the streams of the process, or of a test. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Opens the chat for a command, which closes it afterwards. */
  readonly openChat: (config: Config) => Promise<Offline>;
}

/** 0: success; 1: failure; 2: wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** The command failed; the message is for the user. Exit code 1. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** The command was used wrongly. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Returns whether a user can answer prompts. */
export function isInteractive({ stdin, stdout }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

export function print({ stdout }: Terminal, line: string): void {
  stdout.write(`${line}\n`);
}

/**
 * Writes text and waits until the reader has taken it, so that a slow one does not fill the memory.
 *
 * @returns false if the reader has closed the pipe, as `head` does.
 */
export async function writeAndWait({ stdout }: Pick<Terminal, "stdout">, text: string): Promise<boolean> {
  const onError = (): void => {};
  stdout.on("error", onError);
  try {
    await new Promise<void>((resolve, reject) => {
      stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return false;
    throw error;
  } finally {
    // The stream emits the error after it has called back.
    setImmediate(() => stdout.off("error", onError));
  }
}

export function printError({ stderr }: Terminal, line: string): void {
  stderr.write(`${line}\n`);
}

export function printJson(terminal: Terminal, value: unknown): void {
  print(terminal, JSON.stringify(value, null, 2));
}

/** Prints a table with columns as wide as their widest cell, without control characters. */
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

/** Replaces control characters, which could move the cursor or change colors. */
export function stripControlCharacters(text: string): string {
  return text.replace(/\p{Cc}/gu, "�");
}

/** Reads all of stdin as text, without the trailing newline. */
export async function readStdin({ stdin }: Terminal, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) throw new CommandFailed(`expected at most ${maxBytes} bytes on stdin`);
    chunks.push(bytes);
  }
  try {
    return decodeUtf8(Buffer.concat(chunks)).replace(/\r?\n$/, "");
  } catch (error) {
    throw new CommandFailed(`stdin: ${error instanceof Error ? error.message : error}`);
  }
}
