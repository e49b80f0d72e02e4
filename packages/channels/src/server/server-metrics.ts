import { type ConnectionCounters, createConnectionCounters } from "../consumer/runner/connection-counters.ts";

/** The counters and gauges of a server. Counters only grow; gauges are marked as such. */
export interface ServerMetrics extends ConnectionCounters {
  /** Gauge: open connections. */
  connections: number;
  /** Gauge: handshakes in progress. */
  handshakes: number;
  accepted: number;
  refused: number;
  /** Frames added to sockets' queues: one for each frame and receiver. */
  deliveries: number;
  /** Writes to sockets; `deliveries / writes` is the average number of frames in a write. */
  writes: number;
  bytesSent: number;
  /** Ephemeral frames that were dropped for slow clients. */
  framesSkipped: number;
  /** Connections closed because the client read too slowly. */
  slowCloses: number;
  /** Connections terminated because the client did not answer pings. */
  deadPeers: number;
  /** Passes over the sockets that had frames to send. */
  flushes: number;
  /** Passes that were delayed to send more frames in each write. */
  delayedFlushes: number;
}

/** Returns metrics that start at 0. */
export function createServerMetrics(): ServerMetrics {
  return {
    ...createConnectionCounters(),
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
