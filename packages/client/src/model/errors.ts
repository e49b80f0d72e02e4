import { type CommandName, canonicalErrorCode, type ErrorCode, type WireError } from "@multichat/protocol";

/** The server refused a command. `code` is stable and listed in the protocol's table; `message` can be shown to the user. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly command: CommandName;
  readonly code: ErrorCode;
  /** How long to wait before trying again, where the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(command: CommandName, error: WireError) {
    super(error.message);
    this.command = command;
    this.code = canonicalErrorCode(error.code);
    this.retryAfterSeconds = error.retryAfter;
  }
}

/** The server refused an upload. `code` is stable and listed in the protocol's table; `message` can be shown to the user. */
export class UploadFailed extends Error {
  override readonly name = "UploadFailed";
  readonly code: ErrorCode;
  /** How long to wait before trying again, where the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(error: WireError) {
    super(error.message);
    this.code = canonicalErrorCode(error.code);
    this.retryAfterSeconds = error.retryAfter;
  }
}

/** Whether the refusal is about the moment and not about the command, so that trying again can succeed. */
export function isTemporary(error: CommandError): boolean {
  return error.code === "RATE_LIMITED" || error.code === "UNAVAILABLE" || error.code === "INTERNAL";
}

/** There is no connection, or it closed before the reply arrived. Whether the server executed the command is not known. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** No reply arrived in time. Whether the server executed the command is not known. */
export class ReplyTimeout extends Error {
  override readonly name = "ReplyTimeout";
}

/** A limit of this client is reached: too many commands without a reply, or too many unsent messages. */
export class ClientBusy extends Error {
  override readonly name = "ClientBusy";
}

/** A message that will not be sent: the server refused it, or the user discarded it. */
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
 * Failures that the client detects itself. `DISCARDED`: the user discarded the message. `AUTHOR_UNKNOWN`: the message was
 * written before the client knew who was signed in, and the page was reloaded since; only the user can say whether to send it.
 */
export type LocalFailureCode = "DISCARDED" | "AUTHOR_UNKNOWN";
