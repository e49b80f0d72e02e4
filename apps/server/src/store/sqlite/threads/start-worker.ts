import type { Reads, Writes } from "../operations.ts";
import type { ResolvedOptions } from "../options.ts";
import { WorkerClient, type WorkerEvents } from "./worker-client.ts";
import type { WorkerOptions } from "./worker-messages.ts";

/** Starts a database thread; `open` then opens the file. */
export function thread<O extends Reads | Writes>(
  { file, maxBatchSize, pollIntervalMs, busyTimeoutMs, maxQueuedCalls }: ResolvedOptions,
  origin: string,
  role: WorkerOptions["role"],
  events: WorkerEvents,
): WorkerClient<O> {
  return new WorkerClient<O>(
    { role, file, origin, maxBatchSize, pollIntervalMs, busyTimeoutMs },
    maxQueuedCalls,
    events,
  );
}
