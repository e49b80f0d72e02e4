import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createSignedInAccounts } from "../accounts/create-accounts.ts";
import { freePort, Server } from "../multichat/server.ts";
import { growthBetween, snapshotOptions, takeSnapshot } from "./heap-snapshot.ts";
import { LoadProcesses } from "./load-processes.ts";
import type { MemoryPlan, MemoryResult } from "./plan.ts";
import { readMemory } from "./server-memory.ts";

/** HTTP connections of the server. Each takes two descriptors, which leaves most of them to the sockets. */
export const HTTP_CONNECTIONS = 128;
/** Descriptors of the server beside its sockets: (128 + 32) * 2 for HTTP, and its own. */
export const OTHER_DESCRIPTORS = 450;
/** Below this share of a core, a server only sends pings. */
const IDLE_CPU_SHARE = 0.2;
const MAX_SECONDS_UNTIL_IDLE = 120;

/** Measures a new server on a new database. */
export async function runMemory(plan: MemoryPlan): Promise<MemoryResult> {
  const { connections, rooms, idleSeconds, profileDir } = plan;
  const folder = await mkdtemp(join(tmpdir(), "multichat-memory-"));
  const load = new LoadProcesses();
  try {
    const dataDir = join(folder, "data");
    await mkdir(dataDir);
    const tokens = await createSignedInAccounts(join(dataDir, "multichat.db"), connections, rooms);
    const port = await freePort();
    const env = {
      METRICS_ACCESS: "local",
      LIMIT_COMMANDS_PER_SECOND: "100000",
      LIMIT_WEBSOCKETS: String(connections + 16),
      LIMIT_HTTP_CONNECTIONS: String(HTTP_CONNECTIONS),
      ...(profileDir === undefined ? {} : { NODE_OPTIONS: snapshotOptions(profileDir) }),
    };
    const startedAt = performance.now();
    const server = await Server.start({ dataDir, port, env });
    const readyAfterMs = performance.now() - startedAt;
    const pid = await server.servingPid();
    await untilIdle(server, idleSeconds);
    const atRest = await readMemory(pid, server.url);
    const before = profileDir === undefined ? undefined : await takeSnapshot(pid, profileDir);

    await load.connect({ port, tokens, rooms });
    await untilIdle(server, idleSeconds);
    const connected = await readMemory(pid, server.url);
    const after = profileDir === undefined ? undefined : await takeSnapshot(pid, profileDir);
    load.assertConnected();
    await server.kill();
    const classes = before === undefined || after === undefined ? undefined : growthBetween(before, after);
    return { plan, readyAfterMs, atRest, connected, classes };
  } finally {
    load.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until the server has done next to nothing for a while. */
async function untilIdle(server: Server, seconds: number): Promise<void> {
  let idle = 0;
  for (let second = 0; idle < seconds; second += 1) {
    if (second > seconds + MAX_SECONDS_UNTIL_IDLE) throw new Error("Expected the server to become idle.");
    const before = await server.cpuMicros();
    await setTimeout(1_000);
    idle = (await server.cpuMicros()) - before < IDLE_CPU_SHARE * 1e6 ? idle + 1 : 0;
  }
}
