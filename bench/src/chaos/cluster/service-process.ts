import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { keepOutput } from "../../multichat/server.ts";

/** Resolves when a service has said that it is ready. @throws with its output, when it ends before */
export async function untilOutput(child: ChildProcess, text: string): Promise<void> {
  const output = keepOutput(child);
  await new Promise<void>((resolve, reject) => {
    const check = (): void => {
      if (output().includes(text)) resolve();
    };
    child.stdout?.on("data", check);
    child.stderr?.on("data", check);
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      reject(new Error(`Expected ${child.spawnfile} to start, it ended with ${code ?? signal}:\n${output()}`)),
    );
  });
}

/** Ends a process by a signal, if it runs, and waits for its end. */
export async function endProcess(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
