/** The events that a worker sends to the connection that asked for the job. */
export type JobEvents = {
  "job.progress": { done: number; total: number };
  "job.result": { message: string };
};
