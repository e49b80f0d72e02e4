/** Who is compared. */
export const contestants = ["pubsub", "queue", "socket.io", "py pubsub", "py queue"] as const;
export type Contestant = (typeof contestants)[number];

/** Processes on one Redis, each with a member in every group. */
export const processCounts = [1, 3, 10] as const;
export const groupCounts = [1, 100, 10_000] as const;

/** What one step of the benchmark is told. */
export interface Times {
  readonly floodMs: number;
  readonly paceMs: number;
  /** Messages a second while latency is measured. */
  readonly paceRate: number;
}

/**
 * Sends under way at once in one sender while throughput is measured. With more than this, Python's queue layer has its
 * event loop so full of senders that it receives next to nothing; the others gain nothing by more.
 */
export const inFlight = 64;

/** The text of a message, so that it is about as long as one of a chat. */
export const text = "x".repeat(100);

export interface Measurement {
  readonly contestant: Contestant;
  readonly processes: number;
  readonly groups: number;
  /** Messages that the slowest of the others received in a second, while one process sends as fast as it can. */
  readonly messagesPerSecond: number;
  /** CPU of all processes and of Redis meanwhile, for each message that reached a process, in microseconds. */
  readonly cpuMicrosPerDelivery: number;
  /** From before the send to the member's hands, in milliseconds, at a steady rate. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a process of the benchmark is told, a line of JSON each. Times are of the machine's monotonic clock, in microseconds. */
export type Order =
  | { readonly do: "join"; readonly groups: number }
  /** Counts what is received from now on until then. */
  | { readonly do: "count"; readonly until: number }
  | { readonly do: "flood"; readonly groups: number; readonly until: number }
  | { readonly do: "pace"; readonly groups: number; readonly until: number; readonly rate: number }
  | { readonly do: "report" };

/** What it answers. */
export interface Answer {
  readonly received?: number;
  readonly latenciesUs?: readonly number[];
}

/** Microseconds of the clock that all processes of a machine share. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
