import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { EXIT_CODE, PLANTED_EXCEPTIONS, type RunReport, type RunTask } from "./run-task.ts";
import { StoreLoad } from "./store-load.ts";

// A process that opens a store, works, and ends as its task says; `store-runs.ts` starts it. For `terminate` the store is
// opened in a thread of its own, as a test runner does.

/** How long a store runs on after its writer has ended. */
const STOP_DELAY_MS = 50;

const isThread = !isMainThread;
// Both are given by this file or by store-runs.ts.
const task = (isThread ? workerData : JSON.parse(process.argv[2] ?? "")) as RunTask;

if (isThread) await new StoreLoad(task, (report) => parentPort?.postMessage(report)).run();
else if (task.ending === "terminate") await runInOwnThread();
else await runInProcess();

async function runInOwnThread(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  worker.on("message", (report: RunReport) => {
    send(report);
    if (report.kind === "phase") setTimeout(() => void worker.terminate(), task.delayMs);
  });
  await once(worker, "exit");
  process.disconnect?.();
}

async function runInProcess(): Promise<void> {
  const load: StoreLoad = new StoreLoad(task, (report) => {
    send(report);
    if (report.kind === "phase") setTimeout(() => end(load), task.delayMs);
  });
  process.once("SIGTERM", () => void load.stop());
  try {
    await load.run();
  } catch (error) {
    // A store whose thread has ended cannot be opened.
    if (task.ending !== "thread exception") throw error;
  }
  process.disconnect?.();
}

function end(load: StoreLoad): void {
  switch (task.ending) {
    case "exit":
      process.exit(EXIT_CODE);
      break;
    case "exception":
      throw new Error("planted exception of the main thread");
    case "thread exception":
      orderException();
      setTimeout(() => void load.stop(), STOP_DELAY_MS);
      break;
    default:
    // The process that started this one sends the signal.
  }
}

function orderException(): void {
  const channel = new BroadcastChannel(PLANTED_EXCEPTIONS);
  channel.postMessage("throw");
  channel.close();
}

function send(report: RunReport): void {
  if (process.connected) process.send?.(report);
}
