import { checkOptions } from "../options.ts";
import type { Protocol, ProtocolErrorCode } from "./define-protocol.ts";
import { BUILT_IN_ERRORS, type WireError } from "./wire.ts";

export interface CommandErrorOptions {
  /** @default the message that the protocol declares for the code */
  readonly message?: string;
  /** Data for the client, sent as JSON. */
  readonly details?: unknown;
}

/** A failure that the client gets to see. Anything else that a handler throws is logged, and the client gets INTERNAL. */
export class CommandError extends Error {
  readonly code: string;
  readonly details: unknown;

  constructor(code: string, message: string, details?: unknown) {
    super(message);
    this.name = "CommandError";
    this.code = code;
    this.details = details;
  }

  toWire(): WireError {
    const { code, message, details } = this;
    return details === undefined ? { code, message } : { code, message, details };
  }
}

/** Creates an error of the protocol, to be thrown by a command's handler or by what it calls. */
export function commandError<P extends Protocol>(
  protocol: P,
  code: ProtocolErrorCode<P>,
  options: CommandErrorOptions = {},
): CommandError {
  checkOptions<CommandErrorOptions>(options, { message: true, details: true });
  const { message, details } = options;
  const builtIn: Readonly<Record<string, string>> = BUILT_IN_ERRORS;
  return new CommandError(code, message ?? protocol.errors?.[code] ?? builtIn[code] ?? code, details);
}
