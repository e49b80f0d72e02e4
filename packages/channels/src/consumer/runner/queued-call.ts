import type { EventMap } from "../../layer/events.ts";
import type { MaybePromise } from "../consumer.ts";
import type { ScopeTypes } from "../scope.ts";
import type { WebSocketConsumer } from "../websocket-consumer.ts";

export type AnyWebSocketConsumer = WebSocketConsumer<EventMap, ScopeTypes>;

/** A call of a consumer's hook that waits in the queue of its events. */
export class QueuedCall {
  readonly run: (consumer: AnyWebSocketConsumer) => MaybePromise<void>;

  constructor(run: (consumer: AnyWebSocketConsumer) => MaybePromise<void>) {
    this.run = run;
  }
}
