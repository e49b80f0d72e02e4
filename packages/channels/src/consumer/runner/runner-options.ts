import type { Clock } from "../../layer/clock.ts";
import type { LayerRegistry } from "../../layer/layer-registry.ts";
import type { ErrorHandler } from "../failure.ts";
import type { Logger } from "../logger.ts";
import type { ConnectionCounters } from "./connection-counters.ts";

/** The options of the WebSocket runners of a server, which share them. The caller has validated the numbers. */
export interface RunnerOptions {
  /** The registry in which `static layer` is looked up. */
  readonly layers: LayerRegistry;
  readonly logger: Logger;
  readonly counters: ConnectionCounters;
  readonly clock: Clock;
  /** The application's handler of errors that a consumer leaves to it. */
  readonly onError: ErrorHandler | undefined;
  /** Number of frames that may wait for the consumer before reading pauses. */
  readonly maxQueuedFrames: number;
  /** Number of events that may wait for the consumer before further ones are dropped (L6). */
  readonly maxQueuedEvents: number;
  /** Milliseconds that a handler may continue after its connection ended, before the consumer ends without it. */
  readonly handlerGraceMs: number;
}
