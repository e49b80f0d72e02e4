import { type ChildLoggerOptions, type DestinationStream, type LogFn, type Logger, pino, stdTimeFunctions } from "pino";
import type { Config } from "../config/config.ts";
import { redact } from "./redact.ts";

export type { Logger } from "pino";

export interface LogTarget {
  write(line: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** @param target The stream that log lines are written to. @default stdout */
export function createLogger(
  { logLevel, logFormat }: Pick<Config, "logLevel" | "logFormat">,
  target: LogTarget = process.stdout,
): Logger {
  const isText = logFormat === "text" || (logFormat === "auto" && target.isTTY === true);
  const stream: DestinationStream = isText
    ? { write: (line: string) => target.write(formatText(line, { isColored: target.isTTY === true })) }
    : { write: (line: string) => target.write(escapeUnsafe(line)) };
  const logger = pino(
    {
      level: logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are plain data already.
      serializers: { err: (err: unknown) => err },
      // Before pino makes text of them: afterwards a map or a cause is no longer there.
      hooks: {
        logMethod(args, method) {
          method.apply(this, redactArguments(args));
        },
      },
    },
    stream,
  );
  const { child } = logger;
  // Inherited by the children; pino has no hook for their fields.
  return Object.assign(logger, {
    child(this: unknown, fields: object, options?: ChildLoggerOptions): unknown {
      return Reflect.apply(child, this, [redactFields(fields), options]);
    },
  });
}

type LogArguments = Parameters<LogFn>;

/** Removes secrets from the fields, the message and the values that are put into it. */
function redactArguments([first, ...rest]: LogArguments): LogArguments {
  // pino takes the message of an error that has no other.
  const message = first instanceof Error && rest.length === 0 ? [first.message] : rest;
  const fields = first instanceof Error ? { err: first } : first;
  // The copies have the types that pino takes: a text or an object first, then anything.
  return [redact(fields), ...message.map(redact)] as LogArguments;
}

function redactFields(fields: object): Record<string, unknown> {
  // Of an object the copy is one.
  return redact(fields) as Record<string, unknown>;
}

const COLORS: Readonly<Record<string, string>> = {
  fatal: "\u001b[31m",
  error: "\u001b[31m",
  warn: "\u001b[33m",
  debug: "\u001b[2m",
  trace: "\u001b[2m",
};
const RESET_COLOR = "\u001b[0m";

/** `12:30:01 warn  the message  key=value …`, and an error's stack below it. */
export function formatText(json: string, { isColored }: { readonly isColored: boolean }): string {
  const { level, time, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown> & {
    level: string;
    time: string;
    err?: { stack?: string };
  };
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${formatValue(value)}`);
  const paint = isColored ? COLORS[level] : undefined;
  const head = `${time.slice(11, 19)} ${paint ?? ""}${level.padEnd(5)}${paint === undefined ? "" : RESET_COLOR}`;
  // A message can contain user input, which must not move the cursor or start a new line.
  const stack = err?.stack === undefined ? "" : `\n${err.stack.split("\n").map(escapeControlCharacters).join("\n")}`;
  return `${head} ${escapeControlCharacters(String(msg ?? ""))}${fields.join("")}${stack}\n`;
}

function formatValue(value: unknown): string {
  return typeof value === "string" && /^[\w./:@-]+$/.test(value) ? value : escapeUnsafe(JSON.stringify(value));
}

/** DEL, C1 and the controls of text direction: JSON leaves them as they are, and a terminal obeys them. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, toEscape);
}

function escapeControlCharacters(text: string): string {
  return escapeUnsafe(text.replace(/\p{Cc}/gu, toEscape));
}

function toEscape(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
