/** Work that takes longer than a connection should wait. */
export interface Job {
  readonly id: string;
  readonly type: string;
  readonly content: string;
  /** The channel of the connection that receives the result. */
  readonly channel: string;
  /** Whether that connection wants progress events. */
  readonly wantsProgress: boolean;
}

/** A queue of jobs. There are two implementations: in this process, and BullMQ on Redis. */
export interface JobQueue {
  /** Resolves when the job is queued. Rejects when too many are waiting. */
  add(job: Job): Promise<void>;
  close(): Promise<void>;
}

/** Runs jobs from a queue. */
export interface JobWorker {
  /** Finishes the running jobs and takes no new ones. */
  close(): Promise<void>;
}
