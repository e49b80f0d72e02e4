export interface MemoryPlan {
  /** Signed-in connections, each of its own account. */
  readonly connections: number;
  /** Rooms, of which each connection joins five in turn. */
  readonly rooms: number;
  /** Seconds without work before the memory is read. */
  readonly idleSeconds: number;
  /** A folder for heap snapshots of the server, before and after. */
  readonly profileDir: string | undefined;
}

/** The memory of the server at one moment. */
export interface ServerMemory {
  readonly rssBytes: number;
  /** Of `rssBytes`, those of no file: heaps, stacks, buffers. */
  readonly anonymousBytes: number;
  /** Of the main thread's JavaScript heap. */
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** Outside the heap, owned by objects in it, with array buffers. */
  readonly externalBytes: number;
}

export interface MemoryResult {
  readonly plan: MemoryPlan;
  /** From the start of the process until it listens. */
  readonly readyAfterMs: number;
  readonly atRest: ServerMemory;
  readonly connected: ServerMemory;
  readonly classes: readonly ClassGrowth[] | undefined;
}

/** How many objects of one class were added to the main thread's heap. */
export interface ClassGrowth {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
}

export const ROOMS_OF_A_CONNECTION = 5;

export interface LoadJob {
  readonly port: number;
  readonly tokens: readonly string[];
  readonly rooms: number;
  /** The number of the first connection, among those of all processes. */
  readonly first: number;
}

export type FromLoad = { readonly kind: "idle" } | { readonly kind: "failed"; readonly message: string };
