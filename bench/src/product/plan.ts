/** What is compared: the chat as `npm start` starts it, the framework that it stands on, and other systems. */
export const SUBJECTS = ["multichat", "channels", "socket.io", "ws", "centrifugo", "uvicorn", "epoll"] as const;
export type Subject = (typeof SUBJECTS)[number];

/** The load of one measurement. */
export interface Step {
  readonly members: number;
  /** Rooms of the chat that the members join in turn, one each; the other subjects have one room. */
  readonly rooms: number;
  /** Members that send, in turn. */
  readonly senders: number;
  /** Messages a second, of all senders. */
  readonly rate: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What the load client measured. */
export interface LoadResult {
  readonly elapsedMs: number;
  readonly deliveries: number;
  readonly sent: number;
  /** Messages that could not be sent, because the server had stopped reading its sender's connection. */
  readonly unsent: number;
  /** Messages that the server refused. */
  readonly refused: number;
  /** Connections that the server closed. */
  readonly closed: number;
  /** The close code of the first of them; 0 without one. */
  readonly closeCode: number;
  readonly frames: number;
  readonly reads: number;
  readonly bytes: number;
  readonly cpuMicros: number;
  readonly samples: number;
  /** From when a message was due until a member has read it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** One measurement. */
export interface Sample extends Omit<Step, "warmUpMs" | "measureMs"> {
  readonly subject: Subject;
  readonly round: number;
  readonly load: LoadResult;
  /** CPU of the server's processes in the measured time. */
  readonly serverCpuMicros: number;
  /** Instructions in user mode meanwhile; null where the machine does not count them. */
  readonly serverInstructions: number | null;
  /** The share of the time in which the server's core, and that of the client, was busy, whatever ran on it. */
  readonly serverCoreBusy: number;
  readonly clientCoreBusy: number;
  readonly rssBytes: number;
}

/** Senders at a rate: 20, as in the smallest rooms, or a tenth of the rate, so that nobody sends more than ten a second. */
export function sendersAt(rate: number, members: number): number {
  return Math.min(members, rate > 1_000 ? 200 : 20);
}
