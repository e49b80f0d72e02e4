import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const EXIT_ON_SIGNAL = new URL("exit-on-signal.ts", import.meta.url).href;
/** Between asking a benchmark to end and killing it. */
const END_TIMEOUT_MS = 30_000;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGTERM");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

export interface PartRun {
  /** The exit code; 1 where a signal ended it. */
  readonly code: number;
  readonly output: string;
  /** Whether it was ended because it took too long. */
  readonly isTimedOut: boolean;
}

/** Runs a benchmark and shows what it prints. @param timeoutMs after which it is ended. @default never */
export async function runPart(
  name: string,
  args: readonly string[],
  { timeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<PartRun> {
  const file = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@multichat/source", "--import", EXIT_ON_SIGNAL, file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += String(chunk);
    process.stdout.write(chunk);
  });
  let isTimedOut = false;
  const timers: NodeJS.Timeout[] = [];
  if (timeoutMs !== undefined) {
    const end = (): void => {
      isTimedOut = true;
      child.kill("SIGTERM");
    };
    timers.push(
      setTimeout(end, timeoutMs),
      setTimeout(() => child.kill("SIGKILL"), timeoutMs + END_TIMEOUT_MS),
    );
  }
  // Not "close": what a killed benchmark has left behind could hold its output open.
  const [code] = (await once(child, "exit")) as [number | null];
  for (const timer of timers) clearTimeout(timer);
  running.delete(child);
  return { code: code ?? 1, output, isTimedOut };
}
