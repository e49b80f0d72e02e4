import type { IncomingHttpHeaders } from "node:http";

/** What a consumer relies on in its scope. The route vouches for `params`, middleware for `user` and `state`. */
export interface ScopeTypes {
  readonly params?: unknown;
  readonly user?: unknown;
  readonly state?: unknown;
}

/** A scope of which nothing special is expected. */
export type NoScopeTypes = Record<never, never>;

/** Parameters of a route without any: reading one does not compile. */
export type NoParams = Readonly<Record<never, never>>;

export type ParamsOf<Types extends ScopeTypes> = Types extends { readonly params: infer Params } ? Params : NoParams;
export type UserOf<Types extends ScopeTypes> = Types extends { readonly user: infer User } ? User : unknown;
export type StateOf<Types extends ScopeTypes> = Types extends { readonly state: infer State } ? State : unknown;

/** Who is at the other end, as far as the socket tells. */
export interface Client {
  /** The peer's IP address, or what the option `clientAddress` made of the request. Empty when there is no socket. */
  readonly address: string;
}

/** What is known of a WebSocket before it is opened. A plain object: middleware passes on a changed copy. */
export interface ScopeOf<Params = NoParams, User = unknown, State = unknown> {
  readonly type: "websocket";
  /** As it was asked for, without the query; still percent-encoded. */
  readonly path: string;
  /** The route's parameters, decoded. */
  readonly params: Params;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: ReadonlyMap<string, string>;
  /** The subprotocols that the client offers, in its order of preference. */
  readonly subprotocols: readonly string[];
  readonly client: Client;
  /** Who the authentication says it is; `undefined` without any. */
  readonly user: User;
  /** What middleware found out beside the user. */
  readonly state: State;
  /** Fires when the connection ends. Everything that waits on its behalf should listen to it. */
  readonly signal: AbortSignal;
}

/** The scope that has what a consumer relies on. */
export type WebSocketScope<Types extends ScopeTypes = NoScopeTypes> = ScopeOf<
  ParamsOf<Types>,
  UserOf<Types>,
  StateOf<Types>
>;

/** What a consumer of a named channel is told: the channel that it works for. */
export interface ChannelScope {
  readonly type: "channel";
  readonly channel: string;
  /** Fires when the worker stops. */
  readonly signal: AbortSignal;
}

export type Scope = WebSocketScope | ChannelScope;

/** What a log line says of a scope: enough to find the connection, nothing that is secret (no headers, no cookies). */
export function describeScope(scope: Scope): object {
  return scope.type === "channel"
    ? { type: scope.type, channel: scope.channel }
    : { type: scope.type, path: scope.path, params: scope.params, client: scope.client.address };
}
