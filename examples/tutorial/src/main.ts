import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { serveTutorial } from "./serve.ts";

/**
 * One command for both ways to run it: without REDIS_URL everything is in this process; with it the layers and the jobs
 * are on Redis, and a worker process of its own does the jobs.
 */
const redisUrl = process.env.REDIS_URL === "" ? undefined : process.env.REDIS_URL;
const port = Number(process.env.PORT ?? 8000);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`PORT must be a whole number from 0 to 65535; got "${process.env.PORT}".`);
  process.exit(2);
}

let worker: ChildProcess | undefined;
try {
  const server = await serveTutorial({ port, host: process.env.HOST ?? "127.0.0.1", redisUrl });
  if (redisUrl !== undefined && process.env.WORKER !== "none") {
    worker = fork(fileURLToPath(new URL("./lesson-3-background-jobs/worker.ts", import.meta.url)));
  }
  console.log(`The tutorial listens on ${server.url}`);
  console.log(
    redisUrl === undefined
      ? "In memory: everything in this process. Set REDIS_URL to run it on Redis with a worker of its own."
      : "On Redis, with a worker process. WORKER=none leaves the worker to you (npm run worker).",
  );
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    worker?.kill("SIGTERM");
    await server.close();
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
} catch (error) {
  worker?.kill();
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  console.error(taken ? `Port ${port} is in use. Stop what uses it, or set PORT to another one.` : error);
  process.exit(1);
}
