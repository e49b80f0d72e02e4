import { type CommandName, canonicalErrorCode, type ErrorCode, type WireError } from "@multichat/protocol";

/** The server refused a command. `code` is stable and in the protocol's table; `message` may be shown to a person. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly command: CommandName;
  readonly code: ErrorCode;
  /** Seconds to wait before trying again, where the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(command: CommandName, error: WireError) {
    super(error.message);
    this.command = command;
    this.code = canonicalErrorCode(error.code);
    this.retryAfterSeconds = error.retryAfter;
  }
}

/** Refusals that say something about the moment, not about the command. */
export function isTemporary(error: CommandError): boolean {
  return error.code === "RATE_LIMITED" || error.code === "UNAVAILABLE" || error.code === "INTERNAL";
}

/** There is no connection, or it went before the reply came. Whether the server took the command is not known. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** No reply came in time. Whether the server took the command is not known. */
export class ReplyTimeout extends Error {
  override readonly name = "ReplyTimeout";
}

/** A bound of this client is reached: too many commands without a reply, or too many messages not yet sent. */
export class ClientBusy extends Error {
  override readonly name = "ClientBusy";
}

/** A message that will not be sent: the server refused it, or it was discarded. */
export class MessageFailed extends Error {
  override readonly name = "MessageFailed";
  readonly clientId: string;
  readonly code: ErrorCode | LocalFailureCode;

  constructor(clientId: string, code: ErrorCode | LocalFailureCode, message: string) {
    super(message);
    this.clientId = clientId;
    this.code = code;
  }
}

/**
 * Failures that the client finds by itself. `DISCARDED`: the person threw the message away. `AUTHOR_UNKNOWN`: it was
 * written before anybody was known to be signed in, and the page was reloaded since; only a person can say whether to send it.
 */
export type LocalFailureCode = "DISCARDED" | "AUTHOR_UNKNOWN";
