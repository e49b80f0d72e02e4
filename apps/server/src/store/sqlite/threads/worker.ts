import { parentPort, workerData } from "node:worker_threads";
import { toStoreError } from "../../store-error.ts";
import { Reader } from "./reader.ts";
import type { FromWorker, ToWorker, WorkerOptions } from "./worker-messages.ts";
import { Writer } from "./writer.ts";

/** The entry of both database threads. It loads at once and opens the file when it is told to. */

const port = parentPort;
if (port === null) throw new Error("this module runs in a worker thread: open the store with openSqliteStore()");

const tell = (message: FromWorker): void => port.postMessage(message);
// Given by `WorkerClient`, which is the only one to start this file.
const options = workerData as WorkerOptions;
let side: Writer | Reader | undefined;

async function open(): Promise<void> {
  try {
    side = options.role === "writer" ? await Writer.open(options, tell) : await Reader.open(options, tell);
  } catch (error) {
    const { code, message } = toStoreError(error);
    tell({ kind: "failed", error: { code, message: `cannot open the database ${options.file}: ${message}` } });
    port?.close();
  }
}

port.on("message", (message: ToWorker) => {
  if (message.kind === "open") void open();
  else if (message.kind === "calls") side?.take(message.calls);
  else if (side === undefined) port.close();
  else side.close(() => port.close());
});
