/** The servers that are compared. */
export type Subject = "ws" | "socket.io" | "channels";

export const SUBJECTS: readonly Subject[] = ["ws", "socket.io", "channels"];

/** What the frames of a subject contain: bare messages, or engine.io packets. */
export type WireFormat = "plain" | "socket.io";

/** The parameters of one measurement: the members of one room, and the messages a second sent to it. */
export interface Step {
  readonly members: number;
  readonly rate: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What a server has used so far. */
export interface ServerUsage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** What the clients measured. */
export interface LoadResult {
  readonly deliveries: number;
  readonly sent: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuMicros: number;
}

/** One row of the report. */
export interface Measurement {
  readonly subject: Subject;
  readonly rate: number;
  readonly offeredPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly cpuMicrosPerDelivery: number;
  readonly serverCpuShare: number;
  readonly clientCpuShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssBytes: number;
}

/** Returns a chat message of 135 bytes of JSON, with its time of sending in nanoseconds of the machine's clock. */
export function chatMessage(nowNs: bigint): string {
  const at = String(nowNs).padStart(16, "0");
  const head = `{"room":"general","user":"alice","at":"${at}","text":"`;
  return `${head}${"a message of the usual length, as people send them all day, really".padEnd(135 - head.length - 2, "!").slice(0, 135 - head.length - 2)}"}`;
}
