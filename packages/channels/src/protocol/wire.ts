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

/**
 * Announces that events may be missing, because the server had lost its layer or dropped events of a connection that was behind: a client with subscriptions runs their commands
 * again, with their positions.
 */
export interface GapFrame {
  readonly on: "server.gap";
}

/** A place in the history of a group, to continue from. */
export interface PositionFrame {
  readonly group: string;
  /** A text of at most 64 characters. Offsets of different epochs say nothing about each other. */
  readonly epoch: string;
  /** The number of the last event. */
  readonly offset: number;
}

/** A group that a command has subscribed the client to. */
export interface GroupFrame extends Partial<PositionFrame> {
  readonly group: string;
  /** Whether `events` are all that the client has missed since the position that it sent. */
  readonly recovered: boolean;
  /** Oldest first. What arrives as well, with a position that is not above this frame's, is a repetition. */
  readonly events?: readonly EventFrame[];
}

/** A command on the wire: its parameters beside `id` and `do`. */
export interface CommandFrame {
  /** A whole number that the client has not used for another command under way. */
  readonly id: number;
  readonly do: string;
  /** Of a command that subscribes again: the last positions that the client knows. At most 100. */
  readonly $since?: readonly PositionFrame[];
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
  | { readonly re: number; readonly ok: unknown; readonly groups?: readonly GroupFrame[] }
  | { readonly re: number | null; readonly error: WireError };

/** An event on the wire: its payload beside `on`. */
export interface EventFrame {
  readonly on: string;
  /** Of an event to a group with a history. */
  readonly $position?: PositionFrame;
  readonly [member: string]: unknown;
}

/** The details of INPUT_INVALID. */
export interface InputIssues {
  readonly issues: readonly Issue[];
}
