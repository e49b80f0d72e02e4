import type { ChannelLayer } from "@multichat/channels";
import { type ConnectionOptions, Queue, Worker } from "bullmq";
import { doJob } from "./do-job.ts";
import type { Job, JobQueue, JobWorker } from "./job.ts";

const queueName = "tutorial-jobs";

function connection(redisUrl: string): ConnectionOptions {
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

/** Jobs on Redis, by BullMQ: they outlive the server, and any number of workers does them. */
export function openRedisJobs(redisUrl: string): JobQueue {
  const queue = new Queue<Job>(queueName, { connection: connection(redisUrl) });
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

/** Does the jobs of the queue and answers through the layer. Several at once: the asker of a short one need not wait. */
export function startRedisWorker(redisUrl: string, layer: ChannelLayer, concurrency = 4): JobWorker {
  const worker = new Worker<Job>(queueName, async ({ data }) => doJob(layer, data), {
    connection: connection(redisUrl),
    concurrency,
  });
  worker.on("error", (error) => console.error("the worker lost Redis, and comes back by itself:", error.message));
  worker.on("failed", (job, error) => console.error(`job ${job?.id} failed:`, error.message));
  return { close: () => worker.close() };
}
