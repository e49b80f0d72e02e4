import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../multichat/server.ts";
import { BUILD_FOLDER } from "./native.ts";
import { type RunningServer, ServerProcess } from "./running-server.ts";

const PACKAGES = ["uvicorn==0.54.0", "websockets==17.4", "channels==4.3.2", "channels-redis==4.3.0"];
const FOLDER = join(BUILD_FOLDER, "python");
const PYTHON = join(FOLDER, "bin", "python");
const APPLICATION_FOLDER = fileURLToPath(new URL(".", import.meta.url));

/**
 * Installs uvicorn, Channels and channels_redis into a Python environment of the benchmarks, unless that was done before.
 * @returns undefined where it can be started, otherwise why not
 */
export function prepareUvicorn(): string | undefined {
  if (spawnSync("redis-server", ["--version"]).status !== 0) return "redis-server is not installed";
  const check = () => spawnSync(PYTHON, ["-c", "import uvicorn, websockets, channels, channels_redis"]).status === 0;
  if (existsSync(PYTHON) && check()) return undefined;
  if (spawnSync("python3", ["-m", "venv", FOLDER]).status !== 0) return "Python with venv is not installed";
  const { status, stderr } = spawnSync(PYTHON, ["-m", "pip", "install", "--quiet", ...PACKAGES], { encoding: "utf8" });
  return status === 0 && check() ? undefined : `pip install failed: ${stderr.trim().split("\n").at(-1) ?? ""}`;
}

/** Starts uvicorn with a consumer of Django Channels, and the Redis that it needs, on one core together. */
export async function startUvicorn(): Promise<RunningServer> {
  const [port, redisPort] = [await freePort(), await freePort()];
  const redis = new ServerProcess([
    "redis-server",
    ...["--port", String(redisPort), "--bind", "127.0.0.1", "--save", ""],
    // Without a limit, so that what it cannot deliver in time is late, not lost.
    ...["--client-output-buffer-limit", "pubsub 0 0 0"],
  ]);
  const options = ["--host", "127.0.0.1", "--port", String(port), "--log-level", "error"];
  const server = new ServerProcess([PYTHON, "-m", "uvicorn", "uvicorn_application:application", ...options], {
    env: { REDIS_URL: `redis://127.0.0.1:${redisPort}` },
    cwd: APPLICATION_FOLDER,
  });
  await server.untilAnswering(port);
  return {
    port,
    pids: [server.pid, redis.pid],
    stop: async () => {
      await server.stop();
      await redis.stop();
    },
  };
}
