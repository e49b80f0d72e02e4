/** What is compared. */
export type Contestant = "ws" | "socket.io" | "channels";

export const contestants: readonly Contestant[] = ["ws", "socket.io", "channels"];

/** How the load client speaks to a contestant: bare frames, or engine.io packets in them. */
export type Dialect = "plain" | "socket.io";

/** One measurement: so many members in one room, so many messages a second into it. */
export interface Step {
  readonly members: number;
  readonly rate: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What a server has used up to now. */
export interface ServerUsage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** What the clients saw within the measured time. */
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
  readonly contestant: Contestant;
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

/** A chat message of 135 bytes of JSON, with the time at which it was sent, in nanoseconds of the machine's clock. */
export function chatMessage(nowNs: bigint): string {
  const at = String(nowNs).padStart(16, "0");
  const head = `{"room":"general","user":"alice","at":"${at}","text":"`;
  return `${head}${"a message of the usual length, as people send them all day, really".padEnd(135 - head.length - 2, "!").slice(0, 135 - head.length - 2)}"}`;
}
