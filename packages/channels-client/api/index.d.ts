import { CommandArguments, CommandName, CommandReply, EventContent, EventName, Protocol, ProtocolErrorCode } from "@multichat/channels/protocol";
interface Readable<T> {
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}
type ReconnectPolicy = /** Connects again at once; with backoff where the connection did not hold for `stableAfterMs`. */"immediate" /** Connects again after a delay with full jitter. */ | "backoff" /** Ends, until `connect()` is called. */ | "never";
declare function getReconnectPolicy(code: number): ReconnectPolicy;
interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}
type SocketClass = new (url: string, protocols: string[]) => Socket;
type TokenPlace = "subprotocol" | {
  readonly query: string;
};
interface BackoffOptions {
  readonly baseMs?: number;
  readonly maxMs?: number;
  readonly stableAfterMs?: number;
}
interface RateOptions {
  readonly perSecond: number;
  readonly burst: number;
}
interface HeartbeatOptions {
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
}
type RepeatableCommands<P extends Protocol> = { readonly [Name in CommandName<P>]?: true | (keyof CommandArguments<P, Name> & string) };
interface ClientOptions<P extends Protocol> {
  readonly url: string | URL;
  readonly token?: () => string | null | Promise<string | null>;
  readonly tokenPlace?: TokenPlace;
  readonly subprotocols?: readonly string[];
  readonly autoConnect?: boolean;
  readonly offline?: "queue" | "fail";
  readonly maxCalls?: number;
  readonly timeoutMs?: number;
  readonly rate?: RateOptions;
  readonly repeatable?: RepeatableCommands<P>;
  readonly connectTimeoutMs?: number;
  readonly backoff?: BackoffOptions;
  readonly heartbeat?: HeartbeatOptions | false;
  readonly shouldRetry?: (failure: {
    readonly attempt: number;
  }) => boolean | Promise<boolean>;
  readonly reconnectPolicy?: (code: number) => ReconnectPolicy | undefined;
  readonly WebSocket?: SocketClass;
}
type WaitReason = /** The connection could not be opened: the server or the network between is down, or the handshake was refused. */"unreachable" /** The connection broke, or the server closed it with a `code` after which the client comes back. */ | "lost" /** The server is restarting, and said when to come back. */ | "draining" /** Nothing was received, and a ping was not answered. */ | "silent" /** The function `token` has failed. */ | "token" /** The device says that it has no network. */ | "offline";
type CloseReason = /** `close()` was called, or `connect()` was not called yet. */{
  readonly kind: "client";
} /** The server closed the connection with a code that says so, see `getReconnectPolicy`. */ | {
  readonly kind: "server";
  readonly code: number;
  readonly text: string;
} /** The function `token` returned null. */ | {
  readonly kind: "signed-out";
} /** A handshake failed, and `shouldRetry` returned false. */ | {
  readonly kind: "refused";
};
type ConnectionState = /** `attempt` counts from 1 since the last connection that held. */{
  readonly phase: "connecting";
  readonly attempt: number;
} | {
  readonly phase: "open";
} /** `until`: when the next attempt begins, in milliseconds since 1970. `code`: of the close frame, if there was one. */ | {
  readonly phase: "waiting";
  readonly until: number;
  readonly attempt: number;
  readonly reason: WaitReason;
  readonly code?: number;
} | {
  readonly phase: "closed";
  readonly reason: CloseReason;
};
interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly repeat?: boolean;
}
declare class CommandError<Code extends string = string> extends Error {
  readonly name = "CommandError";
  readonly command: string;
  readonly code: Code;
  readonly details: unknown;
  constructor(command: string, code: Code, message: string, details: unknown);
}
type ClientErrorCode = /** No reply arrived within `timeoutMs`. */"TIMEOUT" /** The connection ended before the reply arrived, and the command is not one to repeat. */ | "CONNECTION_LOST" /** The server has closed the connection with 1009, because the command is larger than it takes. It had no effect. */ | "COMMAND_TOO_LARGE" /** There is no connection, and calls do not wait for one: by the option `offline`, or because the server has refused it. */ | "NOT_CONNECTED" /** `maxCalls` calls have no reply yet. */ | "TOO_MANY_CALLS" /** An iterator of events was read too slowly: more than `maxBuffered` have waited. */ | "TOO_MANY_EVENTS" /** `close()` was called. */ | "CLIENT_CLOSED";
declare class ClientError extends Error {
  readonly name = "ClientError";
  readonly code: ClientErrorCode;
  readonly wasSent: boolean;
  constructor(code: ClientErrorCode, message: string, wasSent?: boolean);
}
interface EventIteratorOptions {
  readonly signal?: AbortSignal;
  readonly maxBuffered?: number;
}
interface SubscribeOptions<Reply, Listeners = Readonly<Record<string, (payload: never) => void>>> {
  readonly on?: Listeners;
  readonly maxBuffered?: number;
  readonly onReply?: (reply: Reply, resumption: Resumption) => void;
  readonly onError?: (error: unknown) => void;
  readonly leave?: () => Promise<unknown>;
  readonly key?: string;
  readonly timeoutMs?: number;
}
interface Resumption {
  readonly recovered: boolean | undefined;
}
type SubscriptionState<Reply> = /** The command waits for a connection, for its turn, for its reply, or for the next try. `reply`: the last one, if there was one. */{
  readonly phase: "pending";
  readonly reply: Reply | undefined;
  readonly recovered?: undefined;
  readonly error?: undefined;
} /** The command has had its reply on the present connection. */ | {
  readonly phase: "active";
  readonly reply: Reply; /** As in `Resumption`. */
  readonly recovered: boolean | undefined;
  readonly error?: undefined;
} /** `error`: the server's refusal, or CLIENT_CLOSED after `end()` and `close()`. */ | {
  readonly phase: "ended";
  readonly reply: Reply | undefined;
  readonly recovered?: undefined;
  readonly error: unknown;
};
interface Subscription<Reply> {
  readonly state: Readable<SubscriptionState<Reply>>;
  readonly ready: Promise<Reply>;
  readonly isActive: boolean;
  end(): void;
}
type CallArguments<P extends Protocol, Name extends CommandName<P>> = Record<never, never> extends CommandArguments<P, Name> ? [input?: CommandArguments<P, Name>, options?: CallOptions] : [input: CommandArguments<P, Name>, options?: CallOptions];
type SubscriptionListeners<P extends Protocol> = { readonly [Name in EventName<P>]?: (payload: EventContent<P, Name>) => void };
interface Client<P extends Protocol> {
  readonly connection: Readable<ConnectionState>;
  call<Name extends CommandName<P>>(name: Name, ...args: CallArguments<P, Name>): Promise<CommandReply<P, Name>>;
  on<Name extends EventName<P>>(event: Name, listener: (payload: EventContent<P, Name>) => void): () => void;
  events<Name extends EventName<P>>(event: Name, options?: EventIteratorOptions): AsyncIterableIterator<EventContent<P, Name>>;
  subscribe<Name extends CommandName<P>>(name: Name, input: CommandArguments<P, Name> | (() => CommandArguments<P, Name>), options?: SubscribeOptions<CommandReply<P, Name>, SubscriptionListeners<P>>): Subscription<CommandReply<P, Name>>;
  isCommandError<Code extends ProtocolErrorCode<P>>(error: unknown, code?: Code): error is CommandError<Code>;
  connect(): void;
  close(): void;
}
declare function createClient<P extends Protocol>(options: ClientOptions<P>): Client<P>;
export { type BackoffOptions, type CallArguments, type CallOptions, type Client, ClientError, type ClientErrorCode, type ClientOptions, type CloseReason, CommandError, type ConnectionState, type EventIteratorOptions, type HeartbeatOptions, type RateOptions, type Readable, type ReconnectPolicy, type RepeatableCommands, type Resumption, type Socket, type SocketClass, type SubscribeOptions, type Subscription, type SubscriptionListeners, type SubscriptionState, type TokenPlace, type WaitReason, createClient, getReconnectPolicy };