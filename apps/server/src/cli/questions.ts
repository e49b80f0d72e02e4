import { confirm, isCancel, password, text } from "@clack/prompts";
import type { Schemas } from "@multichat/protocol/schemas";
import { CommandFailed, isInteractive, readStdin, type Terminal, UsageError } from "./terminal.ts";

type Field = {
  safeParse(value: unknown): { success: boolean; data?: unknown; error?: { issues: { message: string }[] } };
};

/** More than the longest password in the longest encoding. */
const MAX_PASSWORD_BYTES = 4_096;

function problemWith(field: Field, value: unknown): string | undefined {
  return field.safeParse(value).error?.issues[0]?.message;
}

/** @throws CalledWrongly naming what was given, where it is not what the field expects. */
export function parseField(field: Field, name: string, value: string): string {
  const parsed = field.safeParse(value);
  if (parsed.success) return String(parsed.data);
  throw new UsageError(`${name}: ${parsed.error?.issues[0]?.message}; got ${JSON.stringify(value)}`);
}

function unwrapAnswer<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new CommandFailed("cancelled; nothing was changed");
  // The one symbol among the answers has just been turned away.
  return answer as Exclude<T, symbol>;
}

export async function askText(
  terminal: Terminal,
  message: string,
  field: Field,
  { optional = false }: { optional?: boolean } = {},
): Promise<string> {
  const validate = (value: string | undefined) => (optional && !value ? undefined : problemWith(field, value ?? ""));
  return unwrapAnswer(await text({ message, validate, input: terminal.stdin, output: terminal.stdout })) ?? "";
}

export async function askConfirmation(terminal: Terminal, message: string): Promise<boolean> {
  const answer = await confirm({ message, initialValue: false, input: terminal.stdin, output: terminal.stdout });
  return unwrapAnswer(answer);
}

/**
 * A new password: from stdin where that was asked for, else by asking twice. Never from an argument, which every user of
 * the machine can read.
 *
 * @throws CalledWrongly where nobody can be asked.
 */
export async function readNewPassword(
  terminal: Terminal,
  { passwordStdin }: { readonly passwordStdin?: boolean | undefined },
  { fields }: Schemas,
): Promise<string> {
  if (passwordStdin === true) {
    const given = await readStdin(terminal, MAX_PASSWORD_BYTES);
    const wrong = problemWith(fields.password, given);
    if (wrong !== undefined) throw new CommandFailed(`password: ${wrong}; got ${given.length} on stdin`);
    return given;
  }
  if (!isInteractive(terminal)) {
    throw new UsageError("expected --password-stdin, with the password on stdin: there is no terminal to ask on");
  }
  const ask = async (message: string, validate: (value: string | undefined) => string | undefined) =>
    unwrapAnswer(await password({ message, validate, input: terminal.stdin, output: terminal.stdout }));
  const first = await ask("Password", (value) => problemWith(fields.password, value ?? ""));
  await ask("The same again", (value) => (value === first ? undefined : "this is not the same"));
  return first;
}
