import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { auditSnapshot } from "../audit/audit.ts";
import { readSnapshot } from "../audit/database-snapshot.ts";
import { listRooms, type ServerAccess, waitUntilCaughtUp } from "../clients/caught-up.ts";
import { ClientPool } from "../clients/client-pool.ts";
import type { ClientBehavior, ClientSpec } from "../clients/pool-commands.ts";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { createUsersAndRooms, signInAll } from "../multichat/users.ts";
import { interruption } from "../report/interruption.ts";
import { distributionOf, percentilesOf } from "../report/quantile.ts";
import { AvailabilityProbe } from "./availability-probe.ts";
import type { DeployPlan, DeployResult, Measurement, Restart } from "./plan.ts";

const THREADS = 2;
/** The approximate time between two handshakes at the beginning. */
const RAMP_MS_PER_CONNECTION = 3;

/** Restarts the server of acting SDK clients in each of the ways. */
export async function runDeploy(
  plan: DeployPlan,
  restarts: readonly Restart[],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<DeployResult> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-deploy-"));
  const cleanUp: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const run = async (): Promise<DeployResult> => {
    const settings: ServerSettings = {
      dataDir: join(folder, "data"),
      port: await freePort(),
      env: { LIMIT_CONNECTIONS_PER_USER: String(3 * plan.connectionsPerUser) },
    };
    await mkdir(settings.dataDir);
    const userCount = Math.ceil(plan.connections / plan.connectionsPerUser);
    await createUsersAndRooms(settings, userCount, plan.rooms);
    let server = await Server.start(settings);
    cleanUp.push(() => server.kill());
    const tokens = await signInAll(server.url, userCount);
    const access: ServerAccess = { url: server.url, token: tokens[0] ?? "" };
    const roomIds = (await listRooms(access)).map(({ id }) => id);
    const clients = new ClientPool(clientSpecs(plan, tokens, roomIds), Math.min(THREADS, plan.connections));
    cleanUp.push(() => clients.terminate());
    await clients.start(behaviorOf(plan, server.url));
    await clients.startActing();
    const notConnected = await waitUntilCaughtUp(clients, access, plan.timeoutSeconds);
    if (notConnected.length > 0) throw new Error(`Expected all clients to connect: ${notConnected.join("\n")}`);
    log(`${plan.connections} connections, ${roomIds.length} rooms, ${plan.rate} messages/s.`);

    const measurements: Measurement[] = [];
    for (const restart of restarts) {
      await wait(1_000 * plan.steadySeconds);
      const probe = new AvailabilityProbe(settings.port);
      const signalAt = Date.now();
      server = await restartBy(restart, server, settings);
      const measured = await measureRecovery(clients, plan, { restart, signalAt });
      measurements.push({ ...measured, serverDownMs: await probe.stop() });
    }
    await clients.stopActing();
    const behind = await waitUntilCaughtUp(clients, access, plan.timeoutSeconds);
    const { sent, acknowledged, deliveries } = await clients.progress();
    await clients.close();
    await server.stop();
    const snapshot = readSnapshot(join(settings.dataDir, "multichat.db"));
    const findings = auditSnapshot(snapshot);
    const { counts, evidence } = await clients.audit(snapshot);
    findings.merge(counts, evidence);
    const lines = findings.evidence.map(
      ({ kind, client, room, detail }) => `${kind}: ${client}, room ${room}: ${detail}`,
    );
    return {
      plan,
      measurements,
      sent,
      acknowledged,
      deliveries,
      counts: findings.counts,
      evidence: [...behind, ...lines],
    };
  };
  try {
    return await Promise.race([run(), interruption(signal)]);
  } finally {
    for (const step of cleanUp.reverse()) await step();
  }
}

async function restartBy(restart: Restart, server: Server, settings: ServerSettings): Promise<Server> {
  switch (restart) {
    case "replace": {
      const successor = await Server.start(settings, ["--replace"]);
      await server.untilReplaced();
      return successor;
    }
    case "SIGTERM":
      await server.stop();
      break;
    case "kill -9":
      await server.kill();
  }
  return await Server.start(settings);
}

/** Waits until every client has recovered, or the timeout ends. */
async function measureRecovery(
  clients: ClientPool,
  { timeoutSeconds }: DeployPlan,
  { restart, signalAt }: Pick<Measurement, "restart"> & { readonly signalAt: number },
): Promise<Omit<Measurement, "serverDownMs">> {
  const deadline = performance.now() + 1_000 * timeoutSeconds;
  for (;;) {
    const recovered = (await clients.outages()).filter(({ lostAt }) => lostAt >= signalAt);
    const { connected } = await clients.progress();
    if ((recovered.length < clients.size || connected < clients.size) && performance.now() < deadline) {
      await wait(500);
      continue;
    }
    const sinceSignal = recovered.map(({ caughtUpAt }) => caughtUpAt - signalAt);
    return {
      restart,
      connections: clients.size,
      neverRecovered: Math.max(0, clients.size - Math.min(recovered.length, connected)),
      offlineMs: distributionOf(recovered.map(({ lostAt, caughtUpAt }) => caughtUpAt - lostAt)),
      catchUpMs: distributionOf(recovered.map(({ openAt, caughtUpAt }) => caughtUpAt - openAt)),
      sinceSignalMs: distributionOf(sinceSignal),
      sinceSignalPercentiles: percentilesOf(sinceSignal),
    };
  }
}

function clientSpecs(
  { connections, connectionsPerUser }: DeployPlan,
  tokens: readonly string[],
  rooms: readonly string[],
): ClientSpec[] {
  return Array.from({ length: connections }, (_, index) => ({
    index,
    token: tokens[Math.floor(index / connectionsPerUser)] ?? "",
    rooms: [rooms[index % rooms.length] ?? ""],
    emoji: "👍",
  }));
}

function behaviorOf({ connections, rate, seed }: DeployPlan, url: string): ClientBehavior {
  return {
    url,
    seed,
    actIntervalSeconds: connections / rate,
    changePercent: 0,
    rampMs: RAMP_MS_PER_CONNECTION * connections,
  };
}
