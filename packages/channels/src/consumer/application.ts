import type { MaybePromise } from "./consumer.ts";
import type { ConsumerClass, WebSocketConsumerClass } from "./consumer-class.ts";
import type { FrameGuard } from "./frame-guard.ts";
import type { Refusal } from "./runner/transport.ts";
import type { ChannelScope, NoParams, ScopeOf, WebSocketScope } from "./scope.ts";

/** The consumer class for a scope. */
export interface MatchedConsumer {
  readonly kind: "matched";
  readonly consumer: WebSocketConsumerClass;
  /** The scope that the consumer gets, with the changes of the router and the middleware. */
  readonly scope: WebSocketScope;
  /** Called for every frame, in order. */
  readonly guards: readonly FrameGuard[];
}

/** A handshake that ends with an HTTP error response. */
export interface RefusedHandshake extends Refusal {
  readonly kind: "refused";
}

/** The result of an application: a consumer, or a refusal. */
export type Resolution = MatchedConsumer | RefusedHandshake;

/**
 * Finds the consumer for a WebSocket, or refuses the handshake: a router, or middleware around one. `User` and `State`
 * are the types that its consumers require in the scope; middleware has to provide them before it can be served.
 */
export interface WebSocketApplication<User = unknown, State = unknown> {
  (scope: ScopeOf<NoParams, User, State>): MaybePromise<Resolution>;
  /**
   * Whether there may be a consumer for a path, still percent-encoded. A server that shares its HTTP server leaves other
   * paths to the other listeners. Routers have it, and `stack` passes it on.
   * @default every path
   */
  readonly servesPath?: (path: string) => boolean;
}

/** Finds the consumers of named channels. */
export interface ChannelApplication {
  /** The channels that have a consumer. */
  readonly names: readonly string[];
  /** Returns the consumer class of a channel, if there is one. */
  findConsumer(scope: Pick<ChannelScope, "channel">): ConsumerClass | undefined;
}

/** Returns a refusal with an HTTP status from 400 to 599. `reason` becomes the response body. */
export function refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): RefusedHandshake {
  return headers === undefined ? { kind: "refused", status, reason } : { kind: "refused", status, reason, headers };
}
