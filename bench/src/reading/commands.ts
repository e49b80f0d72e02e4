import { once } from "node:events";
import { keepOutput, type ServerSettings, spawnCommand } from "../multichat/server.ts";

/** Runs a command of the server as an operator does, to its end. @returns how long it took, and the lines that it printed */
export async function timeCommand(
  args: readonly string[],
  settings: ServerSettings,
): Promise<{ readonly ms: number; readonly lines: readonly string[] }> {
  const startedAt = performance.now();
  const child = spawnCommand(args, settings);
  const output = keepOutput(child);
  await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`multichat ${args.join(" ")} ended with ${child.exitCode}:\n${output()}`);
  return {
    ms: performance.now() - startedAt,
    lines: output()
      .split("\n")
      .filter((line) => line !== ""),
  };
}
