import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs redis-cli and returns its output. */
export async function redisCli(...args: string[]): Promise<string> {
  const { stdout } = await run("redis-cli", args);
  return stdout;
}
