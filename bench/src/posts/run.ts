import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { readSnapshot } from "../audit/database-snapshot.ts";
import { createSchema, readPostgresSnapshot } from "../audit/postgres-snapshot.ts";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { createUsersAndRooms, signInAll } from "../multichat/users.ts";
import { auditPosts } from "./audit.ts";
import { LoadClient } from "./load-client.ts";
import type { AuditResult, PostsPlan, PostsResult } from "./plan.ts";
import { threadUsageOf } from "./thread-usage.ts";

/** What an operator raises for clients that post this much; see docs/reference/configuration.md. */
const LIMITS = { LIMIT_COMMANDS_PER_SECOND: "100000" };

/** Measures a new server on a new database. */
export async function runPosts(plan: PostsPlan): Promise<PostsResult> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-posts-"));
  const load = new LoadClient();
  const database = plan.postgresUrl === undefined ? undefined : await createSchema(plan.postgresUrl);
  try {
    const settings = await prepare(plan, folder, database?.url);
    const server = await Server.start(settings);
    const pid = await server.servingPid();
    if (plan.cores === 1) {
      pin(pid, 0);
      pin(load.pid, 1);
    }
    const { connections, rooms, outstanding, bodyChars } = plan;
    const tokens = await signInAll(server.url, connections);
    await load.ask({ kind: "start", job: { port: settings.port, tokens, rooms, outstanding, bodyChars } }, "posting");
    await setTimeout(plan.warmUpSeconds * 1_000);

    const before = await threadUsageOf(pid);
    await load.ask({ kind: "measure" }, "measuring");
    await setTimeout(plan.seconds * 1_000);
    const { load: measured } = await load.ask({ kind: "stop-measuring" }, "measured");
    const after = await threadUsageOf(pid);
    const { rssBytes } = await server.usage();

    // The load goes on, so that the kill hits a server in the middle of its work.
    const isStopped = plan.profileDir !== undefined;
    if (isStopped) await server.stop();
    else await server.kill();
    const audit = plan.audited ? await audited(settings, load) : null;
    const spent = [...after].map(([name, micros]) => [name, micros - (before.get(name) ?? 0)] as const);
    const totalMicros = spent.reduce((sum, [, micros]) => sum + micros, 0);
    const posts = measured.acknowledged;
    return {
      plan,
      postsPerSecond: posts / (measured.elapsedMs / 1_000),
      p50Ms: measured.p50Ms,
      p99Ms: measured.p99Ms,
      maxMs: measured.maxMs,
      serverMicrosPerPost: Object.fromEntries(spent.map(([name, micros]) => [name, micros / posts])),
      serverCpuShare: totalMicros / 1_000 / measured.elapsedMs,
      loadMicrosPerPost: measured.cpuMicros / posts,
      rssBytes,
      audit,
    };
  } finally {
    load.stop();
    await rm(folder, { recursive: true, force: true });
    await database?.drop();
  }
}

async function prepare(plan: PostsPlan, folder: string, postgresUrl: string | undefined): Promise<ServerSettings> {
  const dataDir = join(folder, "data");
  await mkdir(dataDir);
  const database: Record<string, string> = postgresUrl === undefined ? {} : { DATABASE_URL: postgresUrl };
  const settings = { dataDir, port: await freePort(), env: database };
  await createUsersAndRooms(settings, plan.connections, plan.rooms);
  const profile = plan.profileDir === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${plan.profileDir}` };
  // The build, as `npm start` runs it, where there is one.
  return {
    ...settings,
    env: { ...database, ...LIMITS, ...profile },
  };
}

/** Starts the server again on what the killed one has left, stops it, and looks for every acknowledged message. */
async function audited(settings: ServerSettings, load: LoadClient): Promise<AuditResult> {
  const { records } = await load.ask({ kind: "record" }, "recorded");
  const startedAt = performance.now();
  const { DATABASE_URL: postgresUrl } = settings.env ?? {};
  const server = await Server.start({ ...settings, env: { ...settings.env, ...LIMITS } });
  const readyAfterMs = performance.now() - startedAt;
  await server.stop();
  const rooms =
    postgresUrl === undefined
      ? readSnapshot(join(settings.dataDir, "multichat.db"))
      : await readPostgresSnapshot(postgresUrl);
  return { ...auditPosts(rooms, records), readyAfterMs };
}

/** Binds all threads of a process to one core. */
function pin(pid: number, core: number): void {
  const { status, stderr } = spawnSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Expected taskset to bind process ${pid} to core ${core}: ${stderr}`);
}
