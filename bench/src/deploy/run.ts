import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { auditTruth } from "../crowd/audit.ts";
import { Crowd } from "../crowd/crowd.ts";
import { type Door, levelled, roomsOf } from "../crowd/levelled.ts";
import type { Casting, Script } from "../crowd/orders.ts";
import { readTruth } from "../crowd/truth.ts";
import { settle, signIn } from "../multichat/people.ts";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { interruption } from "../report/interruption.ts";
import { hundredths, spread } from "../report/quantile.ts";
import type { DeployPlan, DeployResult, Measurement, Restart } from "./plan.ts";

const THREADS = 2;
/** Milliseconds between the handshakes at the beginning, about. */
const RAMP_MS_EACH = 3;

/** Clients of the SDK, talking, whose server is restarted: first as a deployment does it, then by kill -9. */
export async function runDeploy(
  plan: DeployPlan,
  restarts: readonly Restart[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<DeployResult> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-deploy-"));
  const clear: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const work = async (): Promise<DeployResult> => {
    const settings: ServerSettings = {
      dataDir: join(folder, "data"),
      port: await freePort(),
      env: { LIMIT_CONNECTIONS_PER_USER: String(3 * plan.devices) },
    };
    await mkdir(settings.dataDir);
    const people = Math.ceil(plan.connections / plan.devices);
    await settle(settings, people, plan.rooms);
    let server = await Server.start(settings);
    clear.push(() => server.kill());
    const tokens = await signIn(server.url, people);
    const door: Door = { url: server.url, token: tokens[0] ?? "" };
    const ids = (await roomsOf(door)).map(({ id }) => id);
    const crowd = new Crowd(cast(plan, tokens, ids), Math.min(THREADS, plan.connections));
    clear.push(() => crowd.end());
    await crowd.start(scriptOf(plan, server.url));
    await crowd.act();
    const behind = await levelled(crowd, door, plan.patienceSeconds);
    if (behind.length > 0) throw new Error(`Expected all to connect: ${behind.join("\n")}`);
    say(`${plan.connections} connections, ${ids.length} rooms, ${plan.rate} messages/s.`);

    const measurements: Measurement[] = [];
    for (const restart of restarts) {
      await wait(1_000 * plan.steadySeconds);
      const at = Date.now();
      if (restart === "SIGTERM") await server.stop();
      else await server.kill();
      server = await Server.start(settings);
      const serverAwayMs = Date.now() - at;
      measurements.push(await measured(crowd, plan, { restart, at, serverAwayMs }));
    }
    await crowd.rest();
    const others = await levelled(crowd, door, plan.patienceSeconds);
    const { sent, acknowledged, deliveries } = await crowd.progress();
    await crowd.close();
    await server.stop();
    const truth = readTruth(join(settings.dataDir, "multichat.db"));
    const findings = auditTruth(truth);
    const { counts, evidence } = await crowd.audit(truth);
    findings.merge(counts, evidence);
    const told = findings.evidence.map(({ kind, client, room, what }) => `${kind}: ${client}, room ${room}: ${what}`);
    return {
      plan,
      measurements,
      sent,
      acknowledged,
      deliveries,
      counts: findings.counts,
      evidence: [...others, ...told],
    };
  };
  try {
    return await Promise.race([work(), interruption(signal)]);
  } finally {
    for (const step of clear.reverse()) await step();
  }
}

/** Waits until everybody is back, or patience ends. */
async function measured(
  crowd: Crowd,
  { patienceSeconds }: DeployPlan,
  { restart, at, serverAwayMs }: Pick<Measurement, "restart" | "serverAwayMs"> & { readonly at: number },
): Promise<Measurement> {
  const until = performance.now() + 1_000 * patienceSeconds;
  for (;;) {
    const back = (await crowd.outages()).filter(({ lostAt }) => lostAt >= at);
    const { connected } = await crowd.progress();
    if ((back.length < crowd.size || connected < crowd.size) && performance.now() < until) {
      await wait(500);
      continue;
    }
    const sinceSignal = back.map(({ levelAt }) => levelAt - at);
    return {
      restart,
      connections: crowd.size,
      neverBack: Math.max(0, crowd.size - Math.min(back.length, connected)),
      serverAwayMs,
      awayMs: spread(back.map(({ lostAt, levelAt }) => levelAt - lostAt)),
      catchUpMs: spread(back.map(({ openAt, levelAt }) => levelAt - openAt)),
      sinceSignalMs: spread(sinceSignal),
      sinceSignalHundredths: hundredths(sinceSignal),
    };
  }
}

function cast({ connections, devices }: DeployPlan, tokens: readonly string[], rooms: readonly string[]): Casting[] {
  return Array.from({ length: connections }, (_, index) => ({
    index,
    token: tokens[Math.floor(index / devices)] ?? "",
    rooms: [rooms[index % rooms.length] ?? ""],
    emoji: "👍",
  }));
}

function scriptOf({ connections, rate, seed }: DeployPlan, url: string): Script {
  return { url, seed, meanSeconds: connections / rate, changes: 0, rampMs: RAMP_MS_EACH * connections };
}
