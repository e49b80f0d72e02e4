import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../multichat/server.ts";
import { BUILD_FOLDER } from "./native.ts";
import { type RunningServer, ServerProcess } from "./running-server.ts";

export const CENTRIFUGO_VERSION = "6.9.1";
const MODULE = `github.com/centrifugal/centrifugo/v6@v${CENTRIFUGO_VERSION}`;
const FOLDER = join(BUILD_FOLDER, `centrifugo-${CENTRIFUGO_VERSION}`);
const PROGRAM = join(FOLDER, "centrifugo");
/** A build from nothing takes about ten minutes. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

/**
 * Builds Centrifugo from its Go module, unless that was done before.
 * @returns undefined where it can be started, otherwise why not
 */
export function prepareCentrifugo(): string | undefined {
  if (existsSync(PROGRAM)) return undefined;
  if (spawnSync("go", ["version"]).status !== 0) return "Go is not installed";
  mkdirSync(FOLDER, { recursive: true });
  console.log(`building Centrifugo ${CENTRIFUGO_VERSION} into .cache, which takes about ten minutes`);
  const { status, stderr } = spawnSync("go", ["install", MODULE], {
    env: { ...process.env, GOBIN: FOLDER, CGO_ENABLED: "0" },
    encoding: "utf8",
    timeout: BUILD_TIMEOUT_MS,
  });
  return status === 0 ? undefined : `go install failed: ${stderr.trim().split("\n").at(-1) ?? "it took too long"}`;
}

/** Recovery and history in memory, as the chat's clients have them; members may publish, and sign in to nothing. */
const CHANNELS = {
  without_namespace: { history_size: 300, history_ttl: "300s", force_recovery: true },
};

/** Starts Centrifugo on one core. */
export async function startCentrifugo(): Promise<RunningServer> {
  const port = await freePort();
  const config = join(FOLDER, "config.json");
  const settings = {
    http_server: { address: "127.0.0.1", port },
    client: { insecure: true },
    channel: CHANNELS,
    log: { level: "error" },
  };
  writeFileSync(config, JSON.stringify(settings));
  const server = new ServerProcess([PROGRAM, "-c", config], { env: { GOMAXPROCS: "1" } });
  await server.untilAnswering(port);
  return { port, pids: [server.pid], stop: () => server.stop() };
}
