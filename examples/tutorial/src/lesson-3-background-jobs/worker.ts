import { closeLayers, getLayer } from "@multichat/channels";
import { setupLayers } from "../layers.ts";
import { startRedisWorker } from "./redis-jobs.ts";

/** A separate worker process: any number of them may run, on any machine that can reach Redis. */
const redisUrl = process.env.REDIS_URL;
if (redisUrl === undefined || redisUrl === "") {
  console.error("Expected REDIS_URL: a separate worker needs Redis. Without Redis, the server runs the jobs itself.");
  process.exit(2);
}
setupLayers(redisUrl);
const worker = startRedisWorker(redisUrl, getLayer("chat"));
console.log("Worker ready. Press Ctrl+C to stop it after its running jobs.");

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await worker.close();
  await closeLayers();
  // The IPC channel to the parent server would keep this process alive.
  if (process.connected) process.disconnect();
}
process.once("SIGINT", () => void stop());
process.once("SIGTERM", () => void stop());
// Stop when the parent server has exited.
process.once("disconnect", () => void stop());
