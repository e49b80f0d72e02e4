import { closeLayers, getLayer } from "@multichat/channels";
import { setupLayers } from "../layers.ts";
import { startRedisWorker } from "./redis-jobs.ts";

/** A worker of its own: any number of them may run, on any machine that reaches the Redis. */
const redisUrl = process.env.REDIS_URL;
if (redisUrl === undefined || redisUrl === "") {
  console.error("A worker of its own needs Redis: set REDIS_URL. Without it the server does the jobs itself.");
  process.exit(2);
}
setupLayers(redisUrl);
const worker = startRedisWorker(redisUrl, getLayer("chat"));
console.log("Worker ready. Ctrl+C stops it when its jobs are done.");

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await worker.close();
  await closeLayers();
  // The line to the server that started it would keep this process.
  if (process.connected) process.disconnect();
}
process.once("SIGINT", () => void stop());
process.once("SIGTERM", () => void stop());
// The server that started it is gone: so is the reason to work.
process.once("disconnect", () => void stop());
