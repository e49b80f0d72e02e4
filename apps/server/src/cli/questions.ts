import { confirm, isCancel, password, text } from "@clack/prompts";
import type { Schemas } from "@multichat/protocol/schemas";
import { isDamaged } from "../process/utf8.ts";
import { CommandFailed, isInteractive, readStdin, type Terminal, UsageError } from "./terminal.ts";

type Field = {
  safeParse(value: unknown): { success: boolean; data?: unknown; error?: { issues: { message: string }[] } };
};

/** More than the longest password in any encoding. */
const MAX_PASSWORD_BYTES = 4_096;

function findProblem(field: Field, value: unknown): string | undefined {
  if (typeof value === "string" && isDamaged(value)) return "expected UTF-8, the terminal sends other bytes";
  return field.safeParse(value).error?.issues[0]?.message;
}

/** Returns the parsed value of an argument. @throws UsageError if the field rejects it. */
export function parseField(field: Field, name: string, value: string): string {
  const parsed = field.safeParse(value);
  if (parsed.success) return String(parsed.data);
  throw new UsageError(`${name}: ${parsed.error?.issues[0]?.message}; got ${JSON.stringify(value)}`);
}

function unwrapAnswer<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new CommandFailed("cancelled, nothing was changed");
  // The only symbol is the one that isCancel has just excluded.
  return answer as Exclude<T, symbol>;
}

export async function askText(
  terminal: Terminal,
  message: string,
  field: Field,
  { optional = false }: { optional?: boolean } = {},
): Promise<string> {
  const validate = (value: string | undefined) => (optional && !value ? undefined : findProblem(field, value ?? ""));
  return unwrapAnswer(await text({ message, validate, input: terminal.stdin, output: terminal.stdout })) ?? "";
}

export async function askConfirmation(terminal: Terminal, message: string): Promise<boolean> {
  const answer = await confirm({ message, initialValue: false, input: terminal.stdin, output: terminal.stdout });
  return unwrapAnswer(answer);
}

/**
 * Reads a new password from stdin with --password-stdin, otherwise from two prompts. Never from an argument, which every
 * user of the machine can read.
 *
 * @throws UsageError without a terminal to ask on.
 */
export async function readNewPassword(
  terminal: Terminal,
  { passwordStdin }: { readonly passwordStdin?: boolean | undefined },
  { fields }: Schemas,
): Promise<string> {
  if (passwordStdin === true) {
    const input = await readStdin(terminal, MAX_PASSWORD_BYTES);
    const problem = /\p{Cc}/u.test(input)
      ? "expected one line without control characters"
      : findProblem(fields.password, input);
    if (problem !== undefined) throw new CommandFailed(`password: ${problem}; got ${input.length} on stdin`);
    return input;
  }
  if (!isInteractive(terminal)) {
    throw new UsageError("expected --password-stdin, with the password on stdin: there is no terminal to ask on");
  }
  const ask = async (message: string, validate: (value: string | undefined) => string | undefined) =>
    unwrapAnswer(await password({ message, validate, input: terminal.stdin, output: terminal.stdout }));
  const first = await ask("Password", (value) => findProblem(fields.password, value ?? ""));
  await ask("Repeat password", (value) => (value === first ? undefined : "the passwords do not match"));
  return first;
}
