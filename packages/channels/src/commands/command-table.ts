import type { MaybePromise } from "../consumer/consumer.ts";
import { ChannelsError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { CommandInput, CommandName, CommandResult, Protocol } from "../protocol/define-protocol.ts";
import type { Call } from "./call.ts";

/** The key under which a consumer's type carries its protocol. It does not exist at run time. */
export declare const protocolOf: unique symbol;

interface WithProtocol {
  readonly [protocolOf]: Protocol;
}

type ProtocolOf<C extends WithProtocol> = C[typeof protocolOf];

/** Handles a command. What it returns is the reply, what it throws the error (see `Call.error`). */
export type CommandHandler<C extends WithProtocol, Name extends CommandName<ProtocolOf<C>>> = (
  consumer: C,
  input: CommandInput<ProtocolOf<C>, Name>,
  call: Call<ProtocolOf<C>>,
) => MaybePromise<CommandResult<ProtocolOf<C>, Name>>;

/** A handler with what else there is to say about it. */
export interface CommandImplementation<C extends WithProtocol, Name extends CommandName<ProtocolOf<C>>> {
  readonly run: CommandHandler<C, Name>;
  /**
   * Whether the next command may be handled while this one is under way, up to `static maxConcurrentFrames` of the
   * consumer; only such a command can be canceled by its client. Otherwise commands are handled one after another.
   * @default false
   */
  readonly concurrent?: boolean;
  /** After this time the client gets COMMAND_TIMEOUT, and `call.signal` fires. In milliseconds. @default none */
  readonly timeoutMs?: number;
  /**
   * Returns the key under which the reply is remembered in the consumer's `static idempotency`: a repeat gets the same
   * reply and does nothing. It must name the user, too: the sender of a key gets its reply. `undefined` for no key.
   */
  readonly idempotencyKey?: (consumer: C, input: CommandInput<ProtocolOf<C>, Name>) => string | undefined;
}

/** The handler of every command of a consumer's protocol. */
export type CommandHandlers<C extends WithProtocol> = {
  readonly [Name in CommandName<ProtocolOf<C>>]: CommandHandler<C, Name> | CommandImplementation<C, Name>;
};

/** A command as the dispatcher runs it. The types of `commands` are checked where the table is declared. */
export interface RegisteredCommand {
  readonly run: (consumer: never, input: never, call: never) => unknown;
  readonly concurrent: boolean;
  readonly timeoutMs: number | undefined;
  readonly idempotencyKey: ((consumer: never, input: never) => string | undefined) | undefined;
}

/** The commands that a consumer class handles. */
export interface CommandTable {
  readonly names: readonly string[];
  findCommand(name: string): RegisteredCommand | undefined;
}

/** No commands: a class with a protocol has to declare its own. */
export const NO_COMMANDS: CommandTable = Object.freeze({ names: Object.freeze([]), findCommand: () => undefined });

/** `setTimeout` takes no longer times. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/**
 * Declares the handlers of a consumer's commands, as `static commands`. Does not compile when one is missing, or takes or
 * returns something else than the protocol says.
 * @throws InvalidOption for a `timeoutMs` that is out of bounds.
 */
export function commands<C extends WithProtocol>(handlers: CommandHandlers<C>): CommandTable {
  const byName = new Map<string, RegisteredCommand>();
  for (const [name, handler] of Object.entries<RegisteredCommand["run"] | Partial<RegisteredCommand>>(handlers)) {
    byName.set(name, toRegistered(name, handler));
  }
  return Object.freeze({
    names: Object.freeze([...byName.keys()]),
    findCommand: (name: string) => byName.get(name),
  });
}

function toRegistered(name: string, handler: RegisteredCommand["run"] | Partial<RegisteredCommand>): RegisteredCommand {
  if (typeof handler !== "function") {
    const names = { run: true, concurrent: true, timeoutMs: true, idempotencyKey: true } as const;
    checkOptions<Partial<RegisteredCommand>>(handler, names, `${name}.`);
  }
  const {
    run,
    concurrent = false,
    timeoutMs,
    idempotencyKey,
  } = typeof handler === "function" ? { run: handler } : handler;
  if (typeof run !== "function") {
    throw new ChannelsError("InvalidOption", { option: `${name}.run`, expected: "a function", got: run });
  }
  const isTimeout = timeoutMs === undefined || (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS);
  if (!isTimeout) {
    const expected = `a time from 1 to ${MAX_TIMEOUT_MS} milliseconds`;
    throw new ChannelsError("InvalidOption", { option: `${name}.timeoutMs`, expected, got: timeoutMs });
  }
  return Object.freeze({ run, concurrent, timeoutMs, idempotencyKey });
}
