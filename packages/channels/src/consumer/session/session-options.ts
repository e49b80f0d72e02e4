import type { Clock } from "../../layer/clock.ts";
import type { LayerRegistry } from "../../layer/layer-registry.ts";
import type { FrameGuard } from "../frame-guard.ts";
import type { Logger } from "../logger.ts";
import type { SessionCounters } from "./session-counters.ts";

/** What a session is run with; whoever runs it has checked the numbers. */
export interface SessionOptions {
  /** Where `static layer` is looked up. */
  readonly layers: LayerRegistry;
  readonly logger: Logger;
  readonly counters: SessionCounters;
  readonly clock: Clock;
  /** Looked at in order, once a frame. */
  readonly guards: readonly FrameGuard[];
  /** Frames that may wait for the consumer before reading stops. */
  readonly maxQueuedFrames: number;
  /** Events that may wait for the consumer before the layer drops further ones (L6). */
  readonly maxQueuedEvents: number;
  /** Milliseconds that a handler may go on after its connection ended; then the end is seen through without it. */
  readonly handlerGraceMs: number;
}
