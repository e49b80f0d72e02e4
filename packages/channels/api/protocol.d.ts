import { StandardSchemaV1 } from "@standard-schema/spec";
type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;
type InputOf<S extends Schema> = StandardSchemaV1.InferInput<S>;
type OutputOf<S extends Schema> = StandardSchemaV1.InferOutput<S>;
interface Issue {
  readonly path: string;
  readonly message: string;
}
declare function unchecked<T>(): Schema<T>;
declare const BUILT_IN_ERRORS: Readonly<{
  FRAME_INVALID: "Expected a JSON object with a whole number in id and a command in do.";
  COMMAND_UNKNOWN: "There is no such command.";
  INPUT_INVALID: "The input is not what the command expects.";
  COMMAND_TIMEOUT: "The command took too long. It may still have an effect.";
  COMMAND_CANCELED: "The command was canceled. It may still have an effect.";
  UNAVAILABLE: "A part of the server cannot be reached. Try again later.";
  INTERNAL: "Something went wrong on the server.";
}>;
declare const SUBPROTOCOL = "channels.v1";
interface DrainFrame {
  readonly on: "server.draining";
  readonly reconnectAfter: number;
}
interface GapFrame {
  readonly on: "server.gap";
}
interface PositionFrame {
  readonly group: string;
  readonly epoch: string;
  readonly offset: number;
}
interface GroupFrame extends Partial<PositionFrame> {
  readonly group: string;
  readonly recovered: boolean;
  readonly events?: readonly EventFrame[];
}
interface CommandFrame {
  readonly id: number;
  readonly do: string;
  readonly $since?: readonly PositionFrame[];
  readonly [parameter: string]: unknown;
}
interface CancelFrame {
  readonly cancel: number;
}
interface WireError<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly details?: unknown;
}
type ReplyFrame = {
  readonly re: number;
  readonly ok: unknown;
  readonly groups?: readonly GroupFrame[];
} | {
  readonly re: number | null;
  readonly error: WireError;
};
interface EventFrame {
  readonly on: string;
  readonly $position?: PositionFrame;
  readonly [member: string]: unknown;
}
interface InputIssues {
  readonly issues: readonly Issue[];
}
interface CommandDeclaration {
  readonly summary?: string;
  readonly input: Schema;
  readonly reply?: Schema;
}
interface Protocol {
  readonly commands: {
    readonly [name: string]: CommandDeclaration;
  };
  readonly events?: {
    readonly [name: string]: Schema;
  };
  readonly errors?: {
    readonly [code: string]: string;
  };
}
type CommandName<P extends Protocol> = keyof P["commands"] & string;
type CommandInput<P extends Protocol, Name extends CommandName<P>> = OutputOf<P["commands"][Name]["input"]>;
type CommandArguments<P extends Protocol, Name extends CommandName<P>> = InputOf<P["commands"][Name]["input"]>;
type ReplySchema<P extends Protocol, Name extends CommandName<P>> = P["commands"][Name] extends {
  readonly reply: infer Reply extends Schema;
} ? Reply : undefined;
type CommandResult<P extends Protocol, Name extends CommandName<P>> = ReplySchema<P, Name> extends infer Reply extends Schema ? InputOf<Reply> : void;
type CommandReply<P extends Protocol, Name extends CommandName<P>> = ReplySchema<P, Name> extends infer Reply extends Schema ? OutputOf<Reply> : Record<never, never>;
type EventSchemas<P extends Protocol> = P extends {
  readonly events: infer Events;
} ? Events : Record<never, never>;
type EventName<P extends Protocol> = keyof EventSchemas<P> & string;
type EventSchema<P extends Protocol, Name extends EventName<P>> = EventSchemas<P>[Name] extends infer S extends Schema ? S : never;
type EventArguments<P extends Protocol, Name extends EventName<P>> = InputOf<EventSchema<P, Name>>;
type EventContent<P extends Protocol, Name extends EventName<P>> = OutputOf<EventSchema<P, Name>>;
type DeclaredError<P extends Protocol> = P extends {
  readonly errors: infer Errors;
} ? keyof Errors & string : never;
type ProtocolErrorCode<P extends Protocol> = DeclaredError<P> | keyof typeof BUILT_IN_ERRORS;
type TakenKey<Value, Keys extends string> = Value extends unknown ? Extract<keyof Value, Keys | `$${string}`> : never;
type WithoutKeys<S, Keys extends string> = S extends Schema ? [TakenKey<InputOf<S>, Keys>] extends [never] ? unknown : {
  readonly takenKey: TakenKey<InputOf<S>, Keys>;
} : unknown;
interface FreeKeys<P extends Protocol> {
  readonly commands: { readonly [Name in keyof P["commands"]]: {
    readonly input: WithoutKeys<P["commands"][Name]["input"], "id" | "do">;
  } };
  readonly events?: { readonly [Name in keyof EventSchemas<P>]: WithoutKeys<EventSchemas<P>[Name], "on" | "type"> };
}
declare function defineProtocol<const P extends Protocol>(protocol: P & FreeKeys<P>): P;
type JsonSchema = {
  readonly [keyword: string]: unknown;
};
interface AsyncApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  readonly address?: string;
  readonly server?: {
    readonly host: string;
    readonly protocol: "ws" | "wss";
  };
  readonly toJsonSchema?: (schema: Schema, side: "input" | "output") => JsonSchema;
}
declare function toAsyncApi(protocol: Protocol, options: AsyncApiOptions): JsonSchema;
interface CommandErrorOptions {
  readonly message?: string;
  readonly details?: unknown;
}
declare class CommandError extends Error {
  readonly code: string;
  readonly details: unknown;
  constructor(code: string, message: string, details?: unknown);
  toWire(): WireError;
}
declare function commandError<P extends Protocol>(protocol: P, code: ProtocolErrorCode<P>, options?: CommandErrorOptions): CommandError;
export { type AsyncApiOptions, BUILT_IN_ERRORS, type CancelFrame, type CommandArguments, type CommandDeclaration, CommandError, type CommandErrorOptions, type CommandFrame, type CommandInput, type CommandName, type CommandReply, type CommandResult, type DrainFrame, type EventArguments, type EventContent, type EventFrame, type EventName, type FreeKeys, type GapFrame, type GroupFrame, type InputIssues, type InputOf, type Issue, type JsonSchema, type OutputOf, type PositionFrame, type Protocol, type ProtocolErrorCode, type ReplyFrame, SUBPROTOCOL, type Schema, type WireError, commandError, defineProtocol, toAsyncApi, unchecked };