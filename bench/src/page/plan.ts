export interface PagePlan {
  /** The factors by which the browser's CPU is slowed down. */
  readonly slowdowns: readonly number[];
  /** Loads of each kind. */
  readonly loads: number;
  /** Messages in the room before the first load. */
  readonly history: number;
  /** Messages a second into the room on screen. */
  readonly rate: number;
  readonly streamSeconds: number;
  /** The folder for a CPU profile of each stream; undefined: none is taken. */
  readonly profiles: string | undefined;
}

/** One load of a page, from the navigation until it is interactive. */
export interface Load {
  /** Milliseconds until the content is drawn and the main thread can handle a key press. */
  readonly readyMs: number;
  /** The sum of the layout shift scores in the page's first 1.5 seconds. */
  readonly layoutShift: number;
}

export interface Loads {
  readonly slowdown: number;
  /** Without anything cached; or the second time (`again`), with the cached page and its persisted rooms. */
  readonly page: "sign-in" | "room" | "room, again";
  readonly loads: readonly Load[];
}

/** A page that shows a busy room. */
export interface Stream {
  readonly slowdown: number;
  readonly messages: number;
  /** Milliseconds between two frames, shortest first. */
  readonly framesMs: readonly number[];
  /** Milliseconds of the page's main thread per message, including drawing. */
  readonly mainThreadMs: number;
  /** The sum of the layout shift scores. */
  readonly layoutShift: number;
  /** Milliseconds of each task of the main thread over 50 ms, shortest first. */
  readonly longTasksMs: readonly number[];
  /** The JavaScript heap after a garbage collection: at the beginning, and at the end. */
  readonly heapBytes: readonly [before: number, after: number];
}

export interface PageResult {
  readonly browser: string;
  readonly loads: readonly Loads[];
  readonly streams: readonly Stream[];
}
