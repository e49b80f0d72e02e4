import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Failure, TargetResult } from "./result.ts";
import type { TargetName } from "./target.ts";
import type { TargetReport } from "./target-process.ts";

const TARGET_PROCESS = fileURLToPath(new URL("./target-process.ts", import.meta.url));
/** A process without progress for this long hangs. */
const HANG_TIMEOUT_MS = 300_000;
const MAX_ERROR_OUTPUT = 4_000;

export interface RunOptions {
  readonly inputs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
  readonly onFailure: (failure: Failure) => void;
}

/** Runs a target in a process of its own. A process that dies or hangs counts as a failure. */
export async function runTarget(name: TargetName, options: RunOptions): Promise<TargetResult | undefined> {
  const { inputs, seed, signal, onProgress, onFailure } = options;
  const child = fork(TARGET_PROCESS, [name, String(inputs), String(seed)], {
    execArgv: ["--conditions=@multichat/source"],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let errorOutput = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errorOutput = `${errorOutput}${chunk}`.slice(-MAX_ERROR_OUTPUT);
  });
  let done = 0;
  let result: TargetResult | undefined;
  let isHanging = false;
  const hang = setTimeout(() => {
    isHanging = true;
    child.kill("SIGKILL");
  }, HANG_TIMEOUT_MS);
  child.on("message", (report: TargetReport) => {
    hang.refresh();
    if (report.kind === "progress") {
      done = report.done;
      onProgress(done);
    } else if (report.kind === "failure") onFailure(report.failure);
    else result = report.result;
  });
  const stop = (): void => {
    if (child.connected) child.send("stop");
  };
  signal.addEventListener("abort", stop);
  const ending = await new Promise<number | string | null>((resolve) => {
    child.once("exit", (code, signalName) => resolve(code ?? signalName));
  });
  clearTimeout(hang);
  signal.removeEventListener("abort", stop);
  if (result === undefined) {
    const what = isHanging ? `hung for ${HANG_TIMEOUT_MS / 1000} s` : `ended with ${ending}`;
    const message = `the process ${what} after input ${done}. ${errorOutput.trim()}`;
    onFailure({ target: name, seed, index: done, message, input: "" });
  }
  return result;
}
