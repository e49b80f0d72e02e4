/** The server's refusal of a command. `code` is one of the protocol's, or one that every protocol has. */
export class CommandError<Code extends string = string> extends Error {
  override readonly name = "CommandError";
  readonly command: string;
  readonly code: Code;
  /** What else the server says about it: of INPUT_INVALID, `{ issues: [{ path, message }] }`. Not validated. */
  readonly details: unknown;

  constructor(command: string, code: Code, message: string, details: unknown) {
    super(message);
    this.command = command;
    this.code = code;
    this.details = details;
  }
}

export type ClientErrorCode =
  /** No reply arrived within `timeoutMs`. */
  | "TIMEOUT"
  /** The connection ended before the reply arrived, and the command is not one to repeat. */
  | "CONNECTION_LOST"
  /** The server has closed the connection with 1009, because the command is larger than it takes. It had no effect. */
  | "COMMAND_TOO_LARGE"
  /** There is no connection, and calls do not wait for one: by the option `offline`, or because the server has refused it. */
  | "NOT_CONNECTED"
  /** `maxCalls` calls have no reply yet. */
  | "TOO_MANY_CALLS"
  /** An iterator of events was read too slowly: more than `maxBuffered` have waited. */
  | "TOO_MANY_EVENTS"
  /** `close()` was called. */
  | "CLIENT_CLOSED";

/** A failure that the client detects itself. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** Whether the command was sent, so that it may have had its effect. */
  readonly wasSent: boolean;

  constructor(code: ClientErrorCode, message: string, wasSent = false) {
    super(message);
    this.code = code;
    this.wasSent = wasSent;
  }
}
