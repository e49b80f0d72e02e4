/** Work that takes too long for the connection that asked for it. */
export interface Job {
  readonly id: string;
  readonly type: string;
  readonly content: string;
  /** The channel of the one connection that gets the result. */
  readonly channel: string;
  /** Whether that connection wants to hear how far it is. */
  readonly progress: boolean;
}

/** Where jobs wait. Two implementations: in this process, and BullMQ on Redis. */
export interface JobQueue {
  /** Resolves when the job is kept. Rejects when too many wait. */
  add(job: Job): Promise<void>;
  close(): Promise<void>;
}

/** Does jobs as they come. */
export interface JobWorker {
  /** Finishes what is at work, takes nothing new. */
  close(): Promise<void>;
}
