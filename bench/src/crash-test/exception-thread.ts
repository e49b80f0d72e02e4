import { BroadcastChannel, isMainThread, workerData } from "node:worker_threads";
import { PLANTED_EXCEPTIONS } from "./run-task.ts";

// Loaded before the code of every thread of a run (`--import`): the thread that writes throws when it is ordered to.

if (!isMainThread && (workerData as { role?: string } | null)?.role === "writer") {
  // From the module: the global one has the type of browsers, which cannot `unref`.
  const channel = new BroadcastChannel(PLANTED_EXCEPTIONS);
  channel.onmessage = () => {
    setImmediate(() => {
      throw new Error("planted exception of the writer");
    });
  };
  // The thread can end without an order.
  channel.unref();
}
