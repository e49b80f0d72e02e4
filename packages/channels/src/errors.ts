/**
 * Every error of the framework: its code, which is stable and never reused, and how its message is built. A message
 * says what was expected, what came, and what to do. The reference lists the same codes, and a test ties the two.
 */
const messages = {
  InvalidName: (name: { readonly kind: NameKind; readonly got: unknown }) =>
    `A ${name.kind} name must be ${nameForms[name.kind]}; got ${shown(name.got)}.`,
  InvalidMessage: (found: { readonly path: string; readonly expected: string; readonly got: string }) =>
    `The message cannot travel through a layer: at ${found.path} expected ${found.expected}, got ${found.got}. Send plain data.`,
  InvalidOption: (option: { readonly option: string; readonly expected: string; readonly got: unknown }) =>
    `Option "${option.option}" must be ${option.expected}; got ${shown(option.got)}.`,
  ChannelFull: (full: { readonly channel: string; readonly capacity?: number }) =>
    `Channel "${full.channel}" is full${full.capacity === undefined ? "" : `: it holds ${full.capacity} messages`}. ` +
    "Send more slowly, receive faster, or raise its capacity.",
  ChannelTaken: (taken: { readonly channel: string }) =>
    `Channel "${taken.channel}" has a listener already, and a channel has one. Unsubscribe that one first, or listen on a channel of your own (newChannel).`,
  LayerClosed: (closed: { readonly operation: string }) =>
    `${closed.operation} was called on a layer that is closed. Close a layer after its last user, or make a new one.`,
  UnknownLayer: (unknown: { readonly alias: string; readonly registered: readonly string[] }) =>
    `No layer is registered as "${unknown.alias}"; registered: ${
      unknown.registered.length === 0 ? "none" : unknown.registered.map((alias) => `"${alias}"`).join(", ")
    }. Call registerLayer("${unknown.alias}", layer) at start.`,
  PresenceClosed: (closed: { readonly operation: string }) =>
    `${closed.operation} was called on a presence that is closed. Close it after its last user, or make a new one.`,
  LayerTaken: (taken: { readonly alias: string }) =>
    `A layer is registered as "${taken.alias}" already. Register each alias once, or call unregisterLayer("${taken.alias}") first.`,
  LayerDisconnected: (lost: { readonly reason: string }) =>
    `The layer's server cannot be reached, and the message was dropped: ${lost.reason}. The layer reconnects by itself; send again, or wait for layerGap.`,
  ForeignChannel: (foreign: { readonly channel: string }) =>
    `Channel "${foreign.channel}" belongs to another process, and this layer can only put its own into a group. Let the process that made the channel add it.`,
  InvalidConsumer: (found: { readonly consumer: string; readonly problem: string }) =>
    `Consumer ${found.consumer} cannot be used: ${found.problem}.`,
  InvalidRoute: (found: { readonly pattern: string; readonly problem: string }) =>
    `Route ${shown(found.pattern)} cannot be used: ${found.problem}.`,
  InvalidSubprotocol: (found: { readonly got: string; readonly offered: readonly string[] }) =>
    `The client did not offer subprotocol ${shown(found.got)}; it offered: ${
      found.offered.length === 0 ? "none" : found.offered.map(shown).join(", ")
    }. Accept one of those, or none.`,
  InvalidCloseCode: (found: { readonly got: number }) =>
    `A close code must be 1000 to 1003, 1007 to 1014 or 3000 to 4999; got ${found.got}. An application's own are 4000 to 4999.`,
  OutOfTurn: (found: { readonly operation: string; readonly phase: string; readonly expected: string }) =>
    `${found.operation} was called on a connection that is ${found.phase}; expected ${found.expected}.`,
  ConnectionEnded: (found: { readonly operation: string }) =>
    `${found.operation} was called after the connection had ended. Watch the consumer's signal, and stop when it fires.`,
} as const;

const nameForms = {
  channel:
    'of ASCII letters, digits, "-", "_" and ".", shorter than 100, with at most one "!" between its process and its local part',
  group: 'of ASCII letters, digits, "-", "_" and ".", and shorter than 100',
  prefix: 'of ASCII letters, digits, "-", "_" and ".", and at most 50 long',
  alias: 'of ASCII letters, digits, "-", "_" and ".", and shorter than 100',
  member: "a string of 1 to 200 characters",
  connection: "a string of 1 to 200 characters",
} as const;

type NameKind = keyof typeof nameForms;

type Messages = typeof messages;

/** The code of an error, by which programs tell errors apart. */
export type ErrorCode = keyof Messages;

/** What an error of this code knows beside its message. */
export type ErrorDetails<Code extends ErrorCode> = Parameters<Messages[Code]>[0];

/** All codes, for documentation and tests. */
export const errorCodes: readonly ErrorCode[] = Object.freeze(Object.keys(messages) as ErrorCode[]);

/** The one class of errors that the framework throws. Its `name` is its code, so that logs read well. */
export class ChannelsError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails<Code>;

  constructor(code: Code, details: ErrorDetails<Code>, options?: ErrorOptions) {
    // A union of functions takes the intersection of their parameters; `Code` has tied this one to its own.
    const build = messages[code] as (details: ErrorDetails<Code>) => string;
    super(build(details), options);
    this.name = code;
    this.code = code;
    this.details = details;
  }
}

/** Whether something caught is an error of the framework, and of this code if one is given. */
export function isChannelsError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is ChannelsError<Code> {
  return error instanceof ChannelsError && (code === undefined || error.code === code);
}

/** A value as a message shows it: quoted, and cut where it would flood a log. */
function shown(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}...` : value) + lengthNote(value);
  }
  return typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : String(value);
}

function lengthNote(value: string): string {
  return value.length >= 100 ? ` (${value.length} characters)` : "";
}
