/** What is measured, in this order. */
export const PARTS = ["start", "history", "lists", "resume", "search", "append", "backup", "migration"] as const;
export type Part = (typeof PARTS)[number];

export interface ReadingPlan {
  /** Calls of each kind. */
  readonly calls: number;
  readonly searches: number;
  /** Messages a second that are posted while searches and the backup are measured. */
  readonly postsPerSecond: number;
  /** Seconds of each run of appending; each database has two. */
  readonly appendSeconds: number;
}

export const FULL_PLAN: ReadingPlan = { calls: 1_000, searches: 600, postsPerSecond: 500, appendSeconds: 6 };
export const QUICK_PLAN: ReadingPlan = { calls: 200, searches: 100, postsPerSecond: 200, appendSeconds: 2 };

/** One line of the result. */
export interface Figure {
  readonly part: Part;
  readonly name: string;
  /** What has to hold, such as `1 ms`; undefined: the figure is for information. */
  readonly goal?: string | undefined;
  /** Undefined where there is no goal. */
  readonly isMet?: boolean | undefined;
  readonly p50: string;
  readonly p99: string;
  readonly max: string;
  /** The processor time of the server's threads for each call, or what else limits it. */
  readonly limit: string;
}
