import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { serveTutorial } from "./serve.ts";

/**
 * Runs the tutorial. Without REDIS_URL everything is in this process; with it, the layers and the jobs are on Redis, and a
 * separate worker process runs the jobs.
 */
const redisUrl = process.env.REDIS_URL === "" ? undefined : process.env.REDIS_URL;
const port = Number(process.env.PORT ?? 8000);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`Expected PORT to be a whole number from 0 to 65535, got "${process.env.PORT}".`);
  process.exit(2);
}

let worker: ChildProcess | undefined;
try {
  const server = await serveTutorial({ port, host: process.env.HOST ?? "127.0.0.1", redisUrl });
  const hasWorker = redisUrl !== undefined && process.env.WORKER !== "none";
  if (hasWorker) {
    worker = fork(fileURLToPath(new URL("./lesson-3-background-jobs/worker.ts", import.meta.url)));
  }
  console.log(`The tutorial listens on ${server.url}`);
  if (redisUrl === undefined) {
    console.log("Running in memory, in one process. Set REDIS_URL to run on Redis with a worker process.");
  } else if (hasWorker) {
    console.log(
      "Running on Redis, with a worker process. Set WORKER=none to start workers yourself (lesson-3-background-jobs/worker.ts).",
    );
  } else {
    console.log("Running on Redis, without a worker process.");
  }
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) process.exit(1);
    isStopping = true;
    worker?.kill("SIGTERM");
    await server.close();
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
} catch (error) {
  worker?.kill();
  const isPortInUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  console.error(isPortInUse ? `Port ${port} is in use. Free it, or set PORT to another one.` : error);
  process.exit(1);
}
