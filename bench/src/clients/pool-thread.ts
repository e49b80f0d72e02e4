import { parentPort } from "node:worker_threads";
import { auditClient } from "../audit/audit.ts";
import type { DatabaseSnapshot } from "../audit/client-record.ts";
import { Findings } from "../audit/findings.ts";
import type { AuditResult, PoolCommand, PoolReplies, PoolRequest, PoolResponse } from "./pool-commands.ts";
import { Random } from "./random.ts";
import { SimulatedClient } from "./simulated-client.ts";

// One thread of a client pool: its clients share this event loop and do what the main thread commands.
const clients: SimulatedClient[] = [];
/** The most clients that load their gaps and disconnect at the same time. */
const MAX_CLOSING_AT_ONCE = 50;
/** The most clients reported when they are behind. */
const MAX_BEHIND_SHOWN = 5;

async function runCommand(command: PoolCommand): Promise<PoolReplies[PoolCommand["do"]]> {
  switch (command.do) {
    case "start":
      return start(command);
    case "startActing":
      for (const client of clients) client.startActing();
      return null;
    case "stopActing":
      for (const client of clients) client.stopActing();
      return null;
    case "progress":
      return {
        connected: clients.filter(({ client }) => client.state.phase === "open").length,
        sent: total(({ sent }) => sent),
        acknowledged: total(({ acknowledged }) => acknowledged),
        changed: total(({ changed }) => changed),
        deliveries: total(({ deliveries }) => deliveries),
        resets: total(({ resets }) => resets),
        outages: total(({ outages }) => outages.all.length),
      };
    case "catchUpStatus": {
      const behind = clients.flatMap((client) => client.behindReason(command.lastSeqs) ?? []);
      return { caughtUp: clients.length - behind.length, behind: behind.slice(0, MAX_BEHIND_SHOWN) };
    }
    case "close":
      for (let next = 0; next < clients.length; next += MAX_CLOSING_AT_ONCE) {
        await Promise.all(clients.slice(next, next + MAX_CLOSING_AT_ONCE).map((client) => client.close()));
      }
      return null;
    case "audit":
      return audit(command.snapshot);
    case "outages":
      return clients.flatMap(({ outages }) => outages.all);
  }
}

async function start({ behavior, specs }: Extract<PoolCommand, { do: "start" }>): Promise<null> {
  const random = new Random(behavior.seed);
  for (const spec of specs) clients.push(new SimulatedClient(spec, behavior, random.fork(spec.index)));
  const pauseMs = behavior.rampMs / Math.max(1, clients.length);
  for (const { client } of clients) {
    client.connect();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return null;
}

function audit(snapshot: DatabaseSnapshot): AuditResult {
  const findings = new Findings();
  const changes = { acknowledged: 0, refused: 0, unknown: 0 };
  const refusals: Record<string, number> = {};
  for (const client of clients) {
    const record = client.record();
    const clientFindings = auditClient(snapshot, record);
    findings.merge(clientFindings.counts, clientFindings.evidence);
    for (const { outcome } of record.changes) changes[outcome] += 1;
    for (const code of client.refusals) refusals[code] = (refusals[code] ?? 0) + 1;
  }
  return { counts: findings.counts, evidence: findings.evidence, changes, refusals };
}

function total(read: (client: SimulatedClient) => number): number {
  return clients.reduce((sum, client) => sum + read(client), 0);
}

parentPort?.on("message", ({ id, command }: PoolRequest) => {
  runCommand(command).then(
    (ok) => parentPort?.postMessage({ id, ok } satisfies PoolResponse),
    (error: unknown) =>
      parentPort?.postMessage({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
      } satisfies PoolResponse),
  );
});
