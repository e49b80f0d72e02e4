import type { IncomingHttpHeaders } from "node:http";

/** The types that a consumer requires in its scope. The route provides `params`, middleware `user` and `state`. */
export interface ScopeTypes {
  readonly params?: unknown;
  readonly user?: unknown;
  readonly state?: unknown;
}

/** No requirements on the scope. */
export type NoScopeTypes = Record<never, never>;

/** The parameters of a route without any: reading one does not compile. */
export type NoParams = Readonly<Record<never, never>>;

export type ParamsOf<Types extends ScopeTypes> = Types extends { readonly params: infer Params } ? Params : NoParams;
export type UserOf<Types extends ScopeTypes> = Types extends { readonly user: infer User } ? User : unknown;
export type StateOf<Types extends ScopeTypes> = Types extends { readonly state: infer State } ? State : unknown;

/** The client of a connection, as far as the socket identifies it. */
export interface Client {
  /** The peer's IP address, or the result of the option `clientAddress`. Empty when there is no socket. */
  readonly address: string;
}

/** The request that opens a WebSocket. A plain object: middleware passes on a changed copy. */
export interface ScopeOf<Params = NoParams, User = unknown, State = unknown> {
  readonly type: "websocket";
  /** The requested path without the query, still percent-encoded. */
  readonly path: string;
  /** The route's parameters, decoded. */
  readonly params: Params;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: ReadonlyMap<string, string>;
  /** The subprotocols that the client offers, in its order of preference. */
  readonly subprotocols: readonly string[];
  readonly client: Client;
  /** The authenticated user; `undefined` without authentication. */
  readonly user: User;
  /** Further data from middleware. */
  readonly state: State;
  /** Fires when the connection ends. Pass it to everything that is awaited for this connection. */
  readonly signal: AbortSignal;
}

/** The scope with the types that a consumer requires. */
export type WebSocketScope<Types extends ScopeTypes = NoScopeTypes> = ScopeOf<
  ParamsOf<Types>,
  UserOf<Types>,
  StateOf<Types>
>;

/** The scope of a consumer of a named channel. */
export interface ChannelScope {
  readonly type: "channel";
  readonly channel: string;
  /** Fires when the worker stops. */
  readonly signal: AbortSignal;
}

/** The scope of a WebSocket or of a named channel. */
export type Scope = WebSocketScope | ChannelScope;

/** Returns the log fields of a scope: enough to find the connection, and no secrets (no headers, no cookies). */
export function describeScope(scope: Scope): object {
  return scope.type === "channel"
    ? { type: scope.type, channel: scope.channel }
    : { type: scope.type, path: scope.path, params: scope.params, client: scope.client.address };
}
