import { parentPort, workerData } from "node:worker_threads";
import { compactHeap } from "./compact-heap.ts";
import { unpackCalls } from "./packed-calls.ts";
import { Reader } from "./reader.ts";
import { toFailure } from "./to-failure.ts";
import type { FromWorker, ToWorker, WorkerOptions } from "./worker-messages.ts";
import { Writer } from "./writer.ts";

// The entry of every database thread. It loads its code at once, and opens the file when it gets the message.

const port = parentPort;
if (port === null) throw new Error("expected to run in a worker thread: open the store with openSqliteStore()");

const post = (message: FromWorker): void => port.postMessage(message);
// Given by `WorkerClient`, which alone starts this file.
const options = workerData as WorkerOptions;
let thread: Writer | Reader | undefined;

async function open(): Promise<void> {
  try {
    thread = options.role === "writer" ? await Writer.open(options, post) : await Reader.open(options, post);
  } catch (error) {
    const { code, message } = toFailure(error);
    post({ kind: "failed", error: { code, message: `cannot open the database ${options.file}: ${message}` } });
    port?.close();
  }
}

port.on("message", (message: ToWorker) => {
  switch (message.kind) {
    case "open":
      void open();
      break;
    case "calls":
      thread?.enqueue(unpackCalls(message.calls));
      break;
    case "poll":
      if (thread instanceof Reader) thread.poll();
      break;
    case "share":
      if (thread instanceof Writer) thread.setShared(message.isShared);
      break;
    case "release-memory":
      compactHeap();
      break;
    case "close":
      if (thread === undefined) port.close();
      else thread.close(() => port.close());
  }
});
