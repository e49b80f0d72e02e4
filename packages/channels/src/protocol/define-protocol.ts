import { ChannelsError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { InputOf, OutputOf, Schema } from "./schema.ts";
import { BUILT_IN_ERRORS } from "./wire.ts";

/** A request of the client, which gets exactly one reply. */
export interface CommandDeclaration {
  /** One line, for the generated documentation. */
  readonly summary?: string;
  /** The parameters: an object. The keys `id`, `do` and those that begin with `$` are taken. */
  readonly input: Schema;
  /** @default a reply without content */
  readonly reply?: Schema;
}

/** Everything that client and server send each other. */
export interface Protocol {
  readonly commands: { readonly [name: string]: CommandDeclaration };
  /** What the server sends on its own: the payload of each, an object. The keys `on`, `type` and those that begin with `$` are taken. */
  readonly events?: { readonly [name: string]: Schema };
  /** By code, the message for a person. */
  readonly errors?: { readonly [code: string]: string };
}

export type CommandName<P extends Protocol> = keyof P["commands"] & string;

/** What a command's handler gets: the validated input. */
export type CommandInput<P extends Protocol, Name extends CommandName<P>> = OutputOf<P["commands"][Name]["input"]>;

/** What a client passes to a command. */
export type CommandArguments<P extends Protocol, Name extends CommandName<P>> = InputOf<P["commands"][Name]["input"]>;

type ReplySchema<P extends Protocol, Name extends CommandName<P>> = P["commands"][Name] extends {
  readonly reply: infer Reply extends Schema;
}
  ? Reply
  : undefined;

/** What a command's handler returns. */
export type CommandResult<P extends Protocol, Name extends CommandName<P>> =
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a reply returns nothing.
  ReplySchema<P, Name> extends infer Reply extends Schema ? InputOf<Reply> : void;

/** What a client gets for a command. */
export type CommandReply<P extends Protocol, Name extends CommandName<P>> =
  ReplySchema<P, Name> extends infer Reply extends Schema ? OutputOf<Reply> : Record<never, never>;

type EventSchemas<P extends Protocol> = P extends { readonly events: infer Events } ? Events : Record<never, never>;
export type EventName<P extends Protocol> = keyof EventSchemas<P> & string;
type EventSchema<P extends Protocol, Name extends EventName<P>> = EventSchemas<P>[Name] extends infer S extends Schema
  ? S
  : never;

/** What the server passes to an event. */
export type EventArguments<P extends Protocol, Name extends EventName<P>> = InputOf<EventSchema<P, Name>>;

/** What a client gets with an event. */
export type EventContent<P extends Protocol, Name extends EventName<P>> = OutputOf<EventSchema<P, Name>>;

type DeclaredError<P extends Protocol> = P extends { readonly errors: infer Errors } ? keyof Errors & string : never;

/** The codes that a command can fail with: those of the protocol, and those of every protocol. */
export type ProtocolErrorCode<P extends Protocol> = DeclaredError<P> | keyof typeof BUILT_IN_ERRORS;

type TakenKey<Value, Keys extends string> = Value extends unknown ? Extract<keyof Value, Keys | `$${string}`> : never;
type WithoutKeys<S, Keys extends string> = S extends Schema
  ? [TakenKey<InputOf<S>, Keys>] extends [never]
    ? unknown
    : { readonly takenKey: TakenKey<InputOf<S>, Keys> }
  : unknown;

/** What the keys of inputs and payloads must not be: those of the frames and of the layer's messages. */
export interface FreeKeys<P extends Protocol> {
  readonly commands: {
    readonly [Name in keyof P["commands"]]: { readonly input: WithoutKeys<P["commands"][Name]["input"], "id" | "do"> };
  };
  readonly events?: { readonly [Name in keyof EventSchemas<P>]: WithoutKeys<EventSchemas<P>[Name], "on" | "type"> };
}

const NAME = /^[a-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*$/;
const ERROR_CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/**
 * Declares a protocol once, for the server (`protocolConsumer`), the client and the documentation (`toAsyncApi`).
 * @throws InvalidProtocol naming what cannot be used.
 */
export function defineProtocol<const P extends Protocol>(protocol: P & FreeKeys<P>): P {
  checkOptions<Protocol>(protocol, { commands: true, events: true, errors: true });
  const { commands, events = {} }: Protocol = protocol;
  for (const [name, command] of Object.entries(commands)) {
    checkName(`command "${name}"`, name, NAME);
    checkOptions<CommandDeclaration>(command, { summary: true, input: true, reply: true }, `commands["${name}"].`);
    const { input, reply } = command;
    checkSchema(`the input of command "${name}"`, input);
    if (reply !== undefined) checkSchema(`the reply of command "${name}"`, reply);
  }
  for (const [name, payload] of Object.entries(events)) {
    checkName(`event "${name}"`, name, NAME);
    if (name.startsWith("server.")) {
      const problem = "the framework's own events have names that begin with `server.`";
      throw new ChannelsError("InvalidProtocol", { part: `event "${name}"`, problem });
    }
    checkSchema(`event "${name}"`, payload);
  }
  for (const code of Object.keys(protocol.errors ?? {})) {
    checkName(`error "${code}"`, code, ERROR_CODE);
    if (Object.hasOwn(BUILT_IN_ERRORS, code)) {
      throw new ChannelsError("InvalidProtocol", { part: `error "${code}"`, problem: "every protocol has it already" });
    }
  }
  Object.freeze(protocol);
  return protocol;
}

function checkName(part: string, name: string, pattern: RegExp): void {
  if (pattern.test(name) && name.length < 100) return;
  const example = pattern === NAME ? '"message.send"' : '"ROOM_ACCESS_DENIED"';
  throw new ChannelsError("InvalidProtocol", { part, problem: `expected a name such as ${example}` });
}

function checkSchema(part: string, schema: Schema): void {
  // JavaScript, or a library that does not follow Standard Schema.
  if (typeof (schema as Partial<Schema> | undefined)?.["~standard"]?.validate === "function") return;
  throw new ChannelsError("InvalidProtocol", {
    part,
    problem: "expected a schema of a library that follows Standard Schema, such as zod, valibot or arktype",
  });
}
