import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGTERM");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

/** Runs a benchmark and shows what it prints. */
export async function runPart(
  name: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const file = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@multichat/source", file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += String(chunk);
    process.stdout.write(chunk);
  });
  const [code] = (await once(child, "close")) as [number | null];
  running.delete(child);
  return { code: code ?? 1, output };
}
