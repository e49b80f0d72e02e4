import type { ResolvedOptions } from "../options.ts";
import { WorkerClient, type WorkerListeners } from "./worker-client.ts";
import type { WorkerOptions } from "./worker-messages.ts";

/** Starts a database thread; `open` then opens the file. */
export function startWorker(
  { file, maxBatchSize, isShared, pollIntervalMs, busyTimeoutMs, maxQueuedCalls }: ResolvedOptions,
  { role, origin, ...listeners }: Pick<WorkerOptions, "role" | "origin"> & WorkerListeners,
): WorkerClient {
  return new WorkerClient(
    { role, file, origin, maxBatchSize, isShared, pollIntervalMs, busyTimeoutMs },
    maxQueuedCalls,
    listeners,
  );
}
