/** The parameters of a run. */
export interface PostsPlan {
  readonly connections: number;
  readonly rooms: number;
  /** Posts of one connection that wait for their acknowledgement at the same time. */
  readonly outstanding: number;
  /** Characters of a message. */
  readonly bodyChars: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Cores of the server. With 1 it has core 0 and the load core 1; with 2 they share both. */
  readonly cores: 1 | 2;
  /** Whether the server is killed at the end, and what it acknowledged is looked for in the database. */
  readonly audited: boolean;
  /** A PostgreSQL database, in which the run has a schema of its own. @default SQLite */
  readonly postgresUrl?: string | undefined;
  /** Where the profiles of the server's threads are written. @default none are taken */
  readonly profileDir?: string | undefined;
}

/** What the load process is to do. */
export interface LoadJob {
  readonly port: number;
  /** A bearer token for each connection. */
  readonly tokens: readonly string[];
  readonly rooms: number;
  readonly outstanding: number;
  readonly bodyChars: number;
}

export type ToLoad =
  | { readonly kind: "start"; readonly job: LoadJob }
  /** Starts or ends the measured time. */
  | { readonly kind: "measure" }
  | { readonly kind: "stop-measuring" }
  /** Asks for the record after the server was killed. */
  | { readonly kind: "record" };

export type FromLoad =
  | { readonly kind: "posting" }
  | { readonly kind: "measuring" }
  | { readonly kind: "measured"; readonly load: LoadResult }
  | { readonly kind: "recorded"; readonly records: readonly PosterRecord[] }
  /** The run cannot continue: the server refused a post or closed a connection. */
  | { readonly kind: "failed"; readonly message: string };

/** What the clients measured. */
export interface LoadResult {
  readonly acknowledged: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly cpuMicros: number;
}

/** What one connection has posted. The n-th message has the client id `clientIdOf(connection, n)`. */
export interface PosterRecord {
  readonly room: string;
  readonly sent: number;
  /** The seq with which each message was acknowledged, by n; 0: it was not. */
  readonly seqs: Float64Array;
}

/** One run, for the table and the JSON. */
export interface PostsResult {
  readonly plan: PostsPlan;
  readonly postsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** CPU of each thread of the server by its name, in microseconds per post. */
  readonly serverMicrosPerPost: Readonly<Record<string, number>>;
  readonly serverCpuShare: number;
  readonly loadMicrosPerPost: number;
  readonly rssBytes: number;
  readonly audit: AuditResult | null;
}

export interface AuditResult {
  /** Acknowledged messages that were looked for. */
  readonly acknowledged: number;
  /** Messages that are stored. */
  readonly stored: number;
  readonly readyAfterMs: number;
  /** What was expected and what was found; empty if all is well. */
  readonly findings: readonly string[];
}

/** Returns a client id with the shape of the SDK's, which are UUIDs that begin with the time. */
export function clientIdOf(connection: number, n: number): string {
  const serial = n.toString(16).padStart(12, "0");
  const [time, middle, rest, last] = [serial.slice(0, 4), serial.slice(4, 8), serial.slice(8, 11), serial.slice(11)];
  return `0190${time}-${middle}-7${rest}-8${last}00-${connection.toString(16).padStart(12, "0")}`;
}
