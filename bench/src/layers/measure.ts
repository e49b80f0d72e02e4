import {
  type Measurement,
  nowUs,
  type ParticipantCommand,
  type ParticipantReply,
  type Subject,
  type Times,
} from "./plan.ts";
import type { BenchRedis, ParticipantProcess } from "./processes.ts";

/** Measures throughput, then latency at a steady rate. The first process sends. */
export async function measure(
  subject: Subject,
  redis: BenchRedis,
  participants: readonly ParticipantProcess[],
  groups: number,
  times: Times,
): Promise<Measurement> {
  await runOnAll(participants, { do: "join", groups });
  // Warm up until every process receives: Python does not wait for its subscriptions to be confirmed.
  await measureWindow(participants, 300, (until) => ({ do: "pace", groups: Math.min(groups, 50), until, rate: 200 }));
  // Warm up the compiler at full speed, as in the measurement.
  await measureWindow(participants, times.floodMs / 2, (until) => ({ do: "flood", groups, until }));
  await waitUntilDrained(participants);
  const cpuBefore = await totalCpuMicros(redis, participants);
  const flood = await measureWindow(participants, times.floodMs, (until) => ({ do: "flood", groups, until }));
  const cpuUsed = (await totalCpuMicros(redis, participants)) - cpuBefore;
  const counts = flood.map(({ received = 0 }) => received);
  const deliveries = counts.reduce((sum, count) => sum + count, 0);
  // The sender has less time to receive, so it counts only when it is alone.
  const slowest = Math.min(...(counts.length > 1 ? counts.slice(1) : counts));
  await waitUntilDrained(participants);
  const paced = await measureWindow(participants, times.paceMs, (until) => ({
    do: "pace",
    groups,
    until,
    rate: times.paceRate,
  }));
  const latencies = paced.flatMap(({ latenciesUs = [] }) => latenciesUs).toSorted((a, b) => a - b);
  const quantile = (q: number) => (latencies[Math.floor(latencies.length * q)] ?? Number.NaN) / 1_000;
  return {
    subject,
    processes: participants.length,
    groups,
    messagesPerSecond: Math.round(slowest / (times.floodMs / 1_000)),
    cpuMicrosPerDelivery: cpuUsed / Math.max(1, deliveries),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}

async function totalCpuMicros(redis: BenchRedis, participants: readonly ParticipantProcess[]): Promise<number> {
  const all = await Promise.all([redis.cpuMicros(), ...participants.map((participant) => participant.cpuMicros())]);
  return all.reduce((sum, micros) => sum + micros, 0);
}

function runOnAll(
  participants: readonly ParticipantProcess[],
  command: ParticipantCommand,
): Promise<readonly ParticipantReply[]> {
  return Promise.all(participants.map((participant) => participant.run(command)));
}

/** Has every process count while the first one sends. */
async function measureWindow(
  participants: readonly ParticipantProcess[],
  ms: number,
  sendCommand: (until: number) => ParticipantCommand,
): Promise<readonly ParticipantReply[]> {
  const until = nowUs() + ms * 1_000;
  await runOnAll(participants, { do: "count", until });
  await participants[0]?.run(sendCommand(until));
  return await runOnAll(participants, { do: "report" });
}

/** Waits until no message of the flood arrives any more. */
async function waitUntilDrained(participants: readonly ParticipantProcess[]): Promise<void> {
  const deadline = nowUs() + 15_000_000;
  while (nowUs() < deadline) {
    await runOnAll(participants, { do: "count", until: nowUs() + 200_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const replies = await runOnAll(participants, { do: "report" });
    if (replies.every(({ received }) => received === 0)) return;
  }
}
