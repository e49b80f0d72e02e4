import { parentPort } from "node:worker_threads";
import { auditClient, type Truth } from "./audit.ts";
import { Findings } from "./findings.ts";
import type { Answer, Answers, Audited, Order, Told } from "./orders.ts";
import { Random } from "./random.ts";
import { SimulatedClient } from "./simulated-client.ts";

// A part of the crowd: so many clients, on one event loop. It does what the main thread orders.
const clients: SimulatedClient[] = [];
/** Clients that load what is missing and go, at the same time. */
const CLOSED_AT_ONCE = 50;
/** Clients that are looked at, at most, when they are not level. */
const SHOWN = 5;

async function obey(order: Order): Promise<Answers[Order["do"]]> {
  switch (order.do) {
    case "start":
      return start(order);
    case "act":
      for (const client of clients) client.act();
      return null;
    case "rest":
      for (const client of clients) client.rest();
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
    case "level": {
      const others = clients.flatMap((client) => client.behind(order.lastSeqs) ?? []);
      return { level: clients.length - others.length, others: others.slice(0, SHOWN) };
    }
    case "close":
      for (let next = 0; next < clients.length; next += CLOSED_AT_ONCE) {
        await Promise.all(clients.slice(next, next + CLOSED_AT_ONCE).map((client) => client.close()));
      }
      return null;
    case "audit":
      return audit(order.truth);
    case "outages":
      return clients.flatMap(({ outages }) => outages.all);
  }
}

async function start({ script, cast }: Extract<Order, { do: "start" }>): Promise<null> {
  const random = new Random(script.seed);
  for (const casting of cast) clients.push(new SimulatedClient(casting, script, random.fork(casting.index)));
  const pause = script.rampMs / Math.max(1, clients.length);
  for (const { client } of clients) {
    client.connect();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return null;
}

function audit(truth: Truth): Audited {
  const findings = new Findings();
  const changes = { acknowledged: 0, refused: 0, unknown: 0 };
  const refusals: Record<string, number> = {};
  for (const client of clients) {
    const record = client.record();
    const found = auditClient(truth, record);
    findings.merge(found.counts, found.evidence);
    for (const { outcome } of record.changes) changes[outcome] += 1;
    for (const code of client.refusals) refusals[code] = (refusals[code] ?? 0) + 1;
  }
  return { counts: findings.counts, evidence: findings.evidence, changes, refusals };
}

function total(of: (client: SimulatedClient) => number): number {
  return clients.reduce((sum, client) => sum + of(client), 0);
}

parentPort?.on("message", ({ id, order }: Told) => {
  obey(order).then(
    (ok) => parentPort?.postMessage({ id, ok } satisfies Answer),
    (error: unknown) =>
      parentPort?.postMessage({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
      } satisfies Answer),
  );
});
