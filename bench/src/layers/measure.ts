import type { OwnRedis, Party } from "./parties.ts";
import { type Answer, type Contestant, type Measurement, nowUs, type Order, type Times } from "./plan.ts";

/** One setting: throughput, then latency at a steady rate. The first process is the one that sends. */
export async function measure(
  contestant: Contestant,
  redis: OwnRedis,
  parties: readonly Party[],
  groups: number,
  times: Times,
): Promise<Measurement> {
  await all(parties, { do: "join", groups });
  // Warm, and heard by everybody: Python does not wait for the server's word that it is subscribed.
  await window(parties, 300, (until) => ({ do: "pace", groups: Math.min(groups, 50), until, rate: 200 }));
  // And compiled: at full speed, as what is measured.
  await window(parties, times.floodMs / 2, (until) => ({ do: "flood", groups, until }));
  await drained(parties);
  const begun = await cpu(redis, parties);
  const flood = await window(parties, times.floodMs, (until) => ({ do: "flood", groups, until }));
  const used = (await cpu(redis, parties)) - begun;
  const counts = flood.map(({ received = 0 }) => received);
  const deliveries = counts.reduce((sum, count) => sum + count, 0);
  // Who sends has less time to receive; alone, it is the one that is looked at all the same.
  const slowest = Math.min(...(counts.length > 1 ? counts.slice(1) : counts));
  await drained(parties);
  const paced = await window(parties, times.paceMs, (until) => ({ do: "pace", groups, until, rate: times.paceRate }));
  const latencies = paced.flatMap(({ latenciesUs = [] }) => latenciesUs).toSorted((a, b) => a - b);
  const quantile = (q: number) => (latencies[Math.floor(latencies.length * q)] ?? Number.NaN) / 1_000;
  return {
    contestant,
    processes: parties.length,
    groups,
    messagesPerSecond: Math.round(slowest / (times.floodMs / 1_000)),
    cpuMicrosPerDelivery: used / Math.max(1, deliveries),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}

async function cpu(redis: OwnRedis, parties: readonly Party[]): Promise<number> {
  const each = await Promise.all([redis.cpuMicros(), ...parties.map((party) => party.cpuMicros())]);
  return each.reduce((sum, one) => sum + one, 0);
}

function all(parties: readonly Party[], order: Order): Promise<readonly Answer[]> {
  return Promise.all(parties.map((party) => party.tell(order)));
}

/** Everybody counts while the first one sends. */
async function window(
  parties: readonly Party[],
  ms: number,
  sending: (until: number) => Order,
): Promise<readonly Answer[]> {
  const until = nowUs() + ms * 1_000;
  await all(parties, { do: "count", until });
  await parties[0]?.tell(sending(until));
  return await all(parties, { do: "report" });
}

/** Until nothing of the flood arrives any more. */
async function drained(parties: readonly Party[]): Promise<void> {
  const deadline = nowUs() + 15_000_000;
  while (nowUs() < deadline) {
    await all(parties, { do: "count", until: nowUs() + 200_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const answers = await all(parties, { do: "report" });
    if (answers.every(({ received }) => received === 0)) return;
  }
}
