import { createSessionCounters, type SessionCounters } from "../consumer/session/session-counters.ts";

/** What a server counts. Numbers that only grow, except the gauges that are marked so. */
export interface ServerMetrics extends SessionCounters {
  /** Gauge: open connections. */
  connections: number;
  /** Gauge: handshakes under way. */
  handshakes: number;
  accepted: number;
  refused: number;
  /** Frames put into sockets' queues: one a frame and receiver. */
  deliveries: number;
  /** Writes to sockets; `deliveries / writes` is how much coalescing saves. */
  writes: number;
  bytesSent: number;
  /** Ephemeral frames that a slow client did not get. */
  framesSkipped: number;
  /** Connections closed because they read too slowly. */
  slowCloses: number;
  /** Connections ended because no sign of life came. */
  deadPeers: number;
  /** Passes over the sockets that had something to send, and how many of them were put off to gather more. */
  flushes: number;
  delayedFlushes: number;
}

export function createServerMetrics(): ServerMetrics {
  return {
    ...createSessionCounters(),
    connections: 0,
    handshakes: 0,
    accepted: 0,
    refused: 0,
    deliveries: 0,
    writes: 0,
    bytesSent: 0,
    framesSkipped: 0,
    slowCloses: 0,
    deadPeers: 0,
    flushes: 0,
    delayedFlushes: 0,
  };
}
