/**
 * Every error of the framework: its code, which is stable and never reused, and a function that builds its message. A
 * message says what was expected, what came, and what to do. A test ties the codes to those in the reference.
 */
const messages = {
  InvalidName: ({ kind, got }: { readonly kind: NameKind; readonly got: unknown }) =>
    `A ${kind} name must be ${NAME_RULES[kind]}; got ${format(got)}.`,
  InvalidMessage: ({
    path,
    expected,
    got,
  }: {
    readonly path: string;
    readonly expected: string;
    readonly got: string;
  }) => `The message cannot be sent through a layer: at ${path} expected ${expected}, got ${got}. Send plain data.`,
  InvalidOption: ({
    option,
    expected,
    got,
    meant,
  }: {
    readonly option: string;
    readonly expected: string;
    readonly got: unknown;
    /** The known option that an unknown one resembles. */
    readonly meant?: string;
  }) =>
    `Option "${option}" must be ${expected}; got ${format(got)}.${meant === undefined ? "" : ` Did you mean "${meant}"?`}`,
  ChannelFull: ({
    channel,
    group,
    capacity,
  }: {
    readonly channel: string;
    /** The group whose sends wait for the server; `channel` is empty then. */
    readonly group?: string;
    readonly capacity?: number;
  }) =>
    `${group === undefined ? `Channel "${channel}"` : `Group "${group}"`} is full${capacity === undefined ? "" : `: it holds ${capacity} messages`}. ` +
    "Send more slowly, receive faster, or raise its capacity.",
  ChannelTaken: ({ channel }: { readonly channel: string }) =>
    `Channel "${channel}" already has a listener, and a channel can have only one. ` +
    "Unsubscribe that listener first, or subscribe to a new channel (newChannel).",
  LayerClosed: ({ operation }: { readonly operation: string }) =>
    `${operation} was called on a closed layer. Close a layer after its last use, or create a new one.`,
  UnknownLayer: ({ alias, registered }: { readonly alias: string; readonly registered: readonly string[] }) =>
    `No layer is registered as "${alias}"; registered: ${formatList(registered)}. ` +
    `Call registerLayer("${alias}", layer) when the program starts.`,
  PresenceClosed: ({ operation }: { readonly operation: string }) =>
    `${operation} was called on a closed presence. Close a presence after its last use, or create a new one.`,
  LayerTaken: ({ alias }: { readonly alias: string }) =>
    `A layer is already registered as "${alias}". ` +
    `Register each alias once, or call unregisterLayer("${alias}") first.`,
  LayerDisconnected: ({ reason }: { readonly reason: string }) =>
    `The layer's server is unreachable, and the message was dropped: ${reason}. ` +
    "The layer reconnects by itself; send again, or wait for layerGap.",
  ClaimLapsed: ({ channel }: { readonly channel: string }) =>
    `A message of channel "${channel}" was settled too late: its claim had lapsed, and it is delivered again. ` +
    "Expected a renewal within work.visibilityMs; raise it, or keep the event loop free.",
  ForeignChannel: ({ channel }: { readonly channel: string }) =>
    `Channel "${channel}" belongs to another process, and this layer can add only its own channels to a group. ` +
    "Call groupAdd in the process that created the channel.",
  InvalidConsumer: ({ consumer, problem }: { readonly consumer: string; readonly problem: string }) =>
    `Consumer ${consumer} cannot be used: ${problem}.`,
  InvalidProtocol: ({ part, problem }: { readonly part: string; readonly problem: string }) =>
    `The protocol cannot be used: ${part}: ${problem}.`,
  InvalidEvent: ({
    event,
    issues,
  }: {
    readonly event: string;
    readonly issues: readonly { readonly path: string; readonly message: string }[];
  }) => `Event "${event}" does not have the declared payload: ${formatIssues(issues)}.`,
  InvalidRoute: ({ pattern, problem }: { readonly pattern: string; readonly problem: string }) =>
    `Route ${format(pattern)} cannot be used: ${problem}.`,
  StateReplaced: ({ key }: { readonly key: string }) =>
    `Middleware has replaced scope.state.${key}, which earlier middleware had added. Add it under another name.`,
  InvalidSubprotocol: ({ got, offered }: { readonly got: string; readonly offered: readonly string[] }) =>
    `The client did not offer subprotocol ${format(got)}; it offered: ${formatList(offered)}. ` +
    "Accept one of those, or none.",
  InvalidCloseCode: ({ got }: { readonly got: number }) =>
    `A close code must be 1000 to 1003, 1007 to 1014 or 3000 to 4999; got ${got}. ` +
    "Use 4000 to 4999 for an application's own codes.",
  OutOfTurn: ({
    operation,
    phase,
    expected,
  }: {
    readonly operation: string;
    readonly phase: string;
    readonly expected: string;
  }) => `${operation} is not possible while the connection is ${phase}; expected ${expected}.`,
  ConnectionEnded: ({ operation }: { readonly operation: string }) =>
    `${operation} failed: the connection has ended. Listen to the consumer's signal, and stop when it fires.`,
} as const;

const NAME_RULES = {
  channel:
    'made of ASCII letters, digits, "-", "_" and ".", shorter than 100 characters, ' +
    'with at most one "!" between its process part and its local part',
  group: 'made of ASCII letters, digits, "-", "_" and ".", and shorter than 100 characters',
  prefix: 'made of ASCII letters, digits, "-", "_" and ".", and at most 50 characters long',
  alias: 'made of ASCII letters, digits, "-", "_" and ".", and shorter than 100 characters',
  member: "a string of 1 to 200 characters",
  connection: "a string of 1 to 200 characters",
} as const;

type NameKind = keyof typeof NAME_RULES;

type Messages = typeof messages;

/** The code by which programs distinguish errors. */
export type ErrorCode = keyof Messages;

/** The data behind the message of an error with this code. */
export type ErrorDetails<Code extends ErrorCode> = Parameters<Messages[Code]>[0];

/** All error codes, for documentation and tests. */
export const errorCodes: readonly ErrorCode[] = Object.freeze(Object.keys(messages) as ErrorCode[]);

/** The only error class that the framework throws. Its `name` is its code, so that logs show the code. */
export class ChannelsError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails<Code>;

  constructor(code: Code, details: ErrorDetails<Code>, options?: ErrorOptions) {
    // TypeScript sees a union of functions here; `Code` guarantees that this one takes these details.
    const build = messages[code] as (details: ErrorDetails<Code>) => string;
    super(build(details), options);
    this.name = code;
    this.code = code;
    this.details = details;
  }
}

/** Returns whether a caught value is an error of the framework, and has this code if one is given. */
export function isChannelsError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is ChannelsError<Code> {
  return error instanceof ChannelsError && (code === undefined || error.code === code);
}

/** Formats a value for a message: strings are quoted, and truncated so that they cannot flood a log. */
function format(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}...` : value) + formatLength(value);
  }
  return typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : String(value);
}

function formatList(values: readonly string[]): string {
  return values.length === 0 ? "none" : values.map(format).join(", ");
}

function formatIssues(issues: readonly { readonly path: string; readonly message: string }[]): string {
  return issues.map(({ path, message }) => (path === "" ? message : `at ${path}: ${message}`)).join("; ");
}

function formatLength(value: string): string {
  return value.length >= 100 ? ` (${value.length} characters)` : "";
}
