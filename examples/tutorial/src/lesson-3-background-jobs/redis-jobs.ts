import type { ChannelLayer } from "@multichat/channels";
import { type ConnectionOptions, Queue, Worker } from "bullmq";
import type { Job, JobQueue, JobWorker } from "./job.ts";
import { runJob } from "./run-job.ts";

const QUEUE_NAME = "tutorial-jobs";

function connectionOptions(redisUrl: string): ConnectionOptions {
  const { hostname, port, username, password, pathname, protocol } = new URL(redisUrl);
  return {
    host: hostname,
    port: port === "" ? 6379 : Number(port),
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 ? { db: Number(pathname.slice(1)) } : {}),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
    maxRetriesPerRequest: null,
  };
}

/** Opens a queue of jobs on Redis, by BullMQ: jobs outlive the server, and any number of workers can run them. */
export function openRedisJobs(redisUrl: string): JobQueue {
  const queue = new Queue<Job>(QUEUE_NAME, { connection: connectionOptions(redisUrl) });
  return {
    async add(job) {
      await queue.add(job.type, job, {
        jobId: job.id,
        attempts: 3,
        backoff: { type: "exponential", delay: 500 },
        removeOnComplete: true,
        removeOnFail: 1_000,
      });
    },
    close: () => queue.close(),
  };
}

/** Runs the jobs of the queue and sends results through the layer. Several run at once, so short ones need not wait. */
export function startRedisWorker(redisUrl: string, layer: ChannelLayer, concurrency = 4): JobWorker {
  const worker = new Worker<Job>(QUEUE_NAME, async ({ data }) => runJob(layer, data), {
    connection: connectionOptions(redisUrl),
    concurrency,
  });
  worker.on("error", (error) => console.error("lost the connection to Redis, reconnecting:", error.message));
  worker.on("failed", (job, error) => console.error(`failed to run job ${job?.id}:`, error.message));
  return { close: () => worker.close() };
}
