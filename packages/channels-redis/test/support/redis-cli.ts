import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Redis's own command line. */
export async function redisCli(...args: string[]): Promise<string> {
  const { stdout } = await run("redis-cli", args);
  return stdout;
}
