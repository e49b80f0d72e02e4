import type { Issue } from "./schema.ts";

/** The codes with which a command of any protocol can fail, with the message for a person. */
export const BUILT_IN_ERRORS = Object.freeze({
  FRAME_INVALID: "Expected a JSON object with a whole number in id and a command in do.",
  COMMAND_UNKNOWN: "There is no such command.",
  INPUT_INVALID: "The input is not what the command expects.",
  COMMAND_TIMEOUT: "The command took too long. It may still have an effect.",
  COMMAND_CANCELED: "The command was canceled. It may still have an effect.",
  UNAVAILABLE: "A part of the server cannot be reached. Try again later.",
  INTERNAL: "Something went wrong on the server.",
});

/**
 * The subprotocol of a client that knows the frames of this module. A consumer of a protocol accepts it by default, and sends
 * such a client `DrainFrame`s.
 */
export const SUBPROTOCOL = "channels.v1";

/** Announces that the server is about to close the connection: the client should reconnect after so many milliseconds. */
export interface DrainFrame {
  readonly on: "server.draining";
  readonly reconnectAfter: number;
}

/** A command on the wire: its parameters beside `id` and `do`. */
export interface CommandFrame {
  /** A whole number that the client has not used for another command under way. */
  readonly id: number;
  readonly do: string;
  readonly [parameter: string]: unknown;
}

/** Asks the server to give up a command that is under way. */
export interface CancelFrame {
  readonly cancel: number;
}

/** Why a command failed, on the wire. */
export interface WireError<Code extends string = string> {
  readonly code: Code;
  /** For a person. */
  readonly message: string;
  /** What else the server says about it: of INPUT_INVALID, the issues. */
  readonly details?: unknown;
}

/** The reply to a command: `re` is its id, or null where that could not be read. */
export type ReplyFrame =
  | { readonly re: number; readonly ok: unknown }
  | { readonly re: number | null; readonly error: WireError };

/** An event on the wire: its payload beside `on`. */
export interface EventFrame {
  readonly on: string;
  readonly [member: string]: unknown;
}

/** The details of INPUT_INVALID. */
export interface InputIssues {
  readonly issues: readonly Issue[];
}
