/** The layers that are compared. */
export const SUBJECTS = ["pubsub", "queue", "socket.io", "py pubsub", "py queue"] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Processes on one Redis, each with a member in every group. */
export const PROCESS_COUNTS = [1, 3, 10] as const;
export const GROUP_COUNTS = [1, 100, 10_000] as const;

/** The durations and the rate of one measurement. */
export interface Times {
  readonly floodMs: number;
  readonly paceMs: number;
  /** Messages a second while latency is measured. */
  readonly paceRate: number;
}

/**
 * Sends in flight while throughput is measured. With more, Python's queue layer fills its event loop with senders and
 * receives almost nothing; the other layers gain nothing.
 */
export const MAX_IN_FLIGHT = 64;

/** The text of a message, about as long as a typical chat message. */
export const MESSAGE_TEXT = "x".repeat(100);

export interface Measurement {
  readonly subject: Subject;
  readonly processes: number;
  readonly groups: number;
  /** Messages a second that the slowest receiving process got, while one process sends as fast as it can. */
  readonly messagesPerSecond: number;
  /** CPU of all processes and of Redis meanwhile, per message that reached a process. */
  readonly cpuMicrosPerDelivery: number;
  /** The lowest and the highest of the rounds. @default the only one */
  readonly spread?: {
    readonly messagesPerSecond: readonly [low: number, high: number];
    readonly cpuMicrosPerDelivery: readonly [low: number, high: number];
  };
  /** From before the send until the member receives the message, at a steady rate. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A command to a participant, one line of JSON. Times are microseconds of the machine's monotonic clock. */
export type ParticipantCommand =
  | { readonly do: "join"; readonly groups: number }
  /** Counts the messages received from now until then. */
  | { readonly do: "count"; readonly until: number }
  | { readonly do: "flood"; readonly groups: number; readonly until: number }
  | { readonly do: "pace"; readonly groups: number; readonly until: number; readonly rate: number }
  | { readonly do: "report" };

/** A participant's reply to a command. */
export interface ParticipantReply {
  readonly received?: number;
  readonly latenciesUs?: readonly number[];
}

/** Returns microseconds of the clock that all processes of a machine share. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
