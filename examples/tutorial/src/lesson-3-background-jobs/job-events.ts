/** What a worker sends to the connection that asked. */
export type JobEvents = {
  "job.progress": { done: number; total: number };
  "job.result": { message: string };
};
