export interface PagePlan {
  /** By what the browser's CPU is slowed down. */
  readonly slowdowns: readonly number[];
  /** Times that the page is loaded, each way. */
  readonly loads: number;
  /** Messages in the room before the first load. */
  readonly history: number;
  /** Messages a second into the room that is looked at. */
  readonly rate: number;
  readonly streamSeconds: number;
}

/** One load of a page, from the click to a page that answers. */
export interface Load {
  /** Milliseconds until what one came for is drawn and the main thread is free for a key. */
  readonly readyMs: number;
  /** The sum of the layout shifts of the page's first second and a half, without unit. */
  readonly layoutShift: number;
}

export interface Loads {
  readonly slowdown: number;
  /** Nothing of it was here before; or it was (`again`), with what the page keeps of its rooms. */
  readonly page: "sign-in" | "room" | "room, again";
  readonly loads: readonly Load[];
}

/** A page that shows a room in which much is said. */
export interface Stream {
  readonly slowdown: number;
  readonly messages: number;
  /** Milliseconds between two frames, shortest first. */
  readonly framesMs: readonly number[];
  /** Milliseconds of the page's main thread that one message took, drawing included. */
  readonly mainThreadMs: number;
  /** Of the page's JavaScript, after collecting garbage: at the beginning, and at the end. */
  readonly heapBytes: readonly [before: number, after: number];
}

export interface PageResult {
  readonly browser: string;
  readonly loads: readonly Loads[];
  readonly streams: readonly Stream[];
}
