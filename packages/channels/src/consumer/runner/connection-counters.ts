/** The counters of connections. They only grow, except the gauges `queuedEvents` and `queuedFrames`. */
export interface ConnectionCounters {
  framesReceived: number;
  framesDropped: number;
  bytesReceived: number;
  eventsHandled: number;
  eventsEncoded: number;
  eventsDropped: number;
  eventsUnknown: number;
  queuedEvents: number;
  queuedFrames: number;
  handlerErrors: number;
  layerGaps: number;
}

/** Returns counters that start at 0. */
export function createConnectionCounters(): ConnectionCounters {
  return {
    framesReceived: 0,
    framesDropped: 0,
    bytesReceived: 0,
    eventsHandled: 0,
    eventsEncoded: 0,
    eventsDropped: 0,
    eventsUnknown: 0,
    queuedEvents: 0,
    queuedFrames: 0,
    handlerErrors: 0,
    layerGaps: 0,
  };
}
