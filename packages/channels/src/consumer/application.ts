import type { MaybePromise } from "./consumer.ts";
import type { ConsumerClass, WebSocketConsumerClass } from "./consumer-class.ts";
import type { FrameGuard } from "./frame-guard.ts";
import type { ChannelScope, NoParams, ScopeOf, WebSocketScope } from "./scope.ts";
import type { Refusal } from "./session/transport.ts";

/** A scope found its consumer. `scope` is what the consumer sees: as the router and the middleware left it. */
export interface MatchedConsumer {
  readonly kind: "matched";
  readonly consumer: WebSocketConsumerClass;
  readonly scope: WebSocketScope;
  /** Looked at for every frame, in order. */
  readonly guards: readonly FrameGuard[];
}

/** The handshake ends with an HTTP answer. */
export interface RefusedHandshake extends Refusal {
  readonly kind: "refused";
}

export type Resolution = MatchedConsumer | RefusedHandshake;

/**
 * Finds the consumer for a WebSocket, or refuses it: a router, or middleware around one. `User` and `State` are what its
 * consumers rely on in the scope; an application that still relies on something cannot be served.
 */
export type WebSocketApplication<User = unknown, State = unknown> = (
  scope: ScopeOf<NoParams, User, State>,
) => MaybePromise<Resolution>;

/** Finds the consumer of a named channel; `undefined` when there is none. */
export interface ChannelApplication {
  readonly names: readonly string[];
  findConsumer(scope: Pick<ChannelScope, "channel">): ConsumerClass | undefined;
}

export function refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): RefusedHandshake {
  return headers === undefined ? { kind: "refused", status, reason } : { kind: "refused", status, reason, headers };
}
