import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";

const SCRIPT = `
import asyncio, json, sys
from channels_redis.core import RedisChannelLayer

async def main():
    url, prefix, channel, *messages = sys.argv[1:]
    layer = RedisChannelLayer(hosts=[url], prefix=prefix)
    for message in messages:
        await layer.send(channel, json.loads(message))

asyncio.run(main())
`;

/** Returns a Python that has channels_redis: the first on the path, or Debian's own. */
function findPython(): string {
  const candidates = ["python3", "/usr/bin/python3"];
  for (const command of candidates) {
    try {
      execFileSync(command, ["-c", "import channels_redis"], { stdio: "ignore" });
      return command;
    } catch {
      // The next candidate may have it.
    }
  }
  throw new Error(
    `expected a Python with channels_redis (Debian: apt-get install python3-channels-redis); tried ${candidates.join(", ")}`,
  );
}

/** Sends messages to a channel from Python. */
export async function sendFromPython(
  target: { readonly redis: string; readonly prefix: string; readonly channel: string },
  ...messages: readonly object[]
): Promise<void> {
  const args = [target.redis, target.prefix, target.channel, ...messages.map((message) => JSON.stringify(message))];
  await promisify(execFile)(findPython(), ["-c", SCRIPT, ...args]);
}

/** Runs a Python program until it exits. @throws Error when it fails. */
export async function runPython(program: string, env: Readonly<Record<string, string>>): Promise<void> {
  await promisify(execFile)(findPython(), ["-c", program], { env: { ...process.env, ...env } });
}
