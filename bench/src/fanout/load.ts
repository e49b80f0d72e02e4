import { quantile } from "../report/quantile.ts";
import { Member } from "./member.ts";
import { chatMessage, type LoadResult, type Step, type WireFormat } from "./plan.ts";

const SENDERS = 20;
const SAMPLED_MEMBERS = 25;
const TIME_MARKER = Buffer.from('"at":"');
const TICK_MS = 2;

/** Opens the members, sends at the rate, and counts deliveries. Latency is from the send to a sampled member's read. */
export async function runLoad(port: number, wireFormat: WireFormat, step: Step, phase: Phases): Promise<LoadResult> {
  let isMeasuring = false;
  let deliveries = 0;
  const latencies: number[] = [];
  const members = Array.from({ length: step.members }, (_, index) => {
    if (index >= SAMPLED_MEMBERS) {
      return new Member(port, wireFormat, () => {
        deliveries += 1;
      });
    }
    return new Member(port, wireFormat, (buffer, start, length) => {
      deliveries += 1;
      if (!isMeasuring) return;
      const at = buffer.subarray(start, start + length).indexOf(TIME_MARKER);
      if (at === -1) return;
      const digits = start + at + TIME_MARKER.length;
      // The message was split over two reads: skip it, there are enough others.
      if (digits + 16 > start + length) return;
      const sentNs = Number(buffer.toString("latin1", digits, digits + 16));
      latencies.push((Number(process.hrtime.bigint()) - sentNs) / 1e6);
    });
  });
  await Promise.all(members.map((member) => member.ready));

  let sent = 0;
  let due = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    due += ((now - last) / 1_000) * step.rate;
    last = now;
    for (; due >= 1; due -= 1) {
      members[sent % SENDERS]?.send(chatMessage(process.hrtime.bigint()));
      sent += 1;
    }
  }, TICK_MS);

  await wait(step.warmUpMs);
  await phase.begin();
  isMeasuring = true;
  const before = { deliveries, sent, at: performance.now(), cpu: process.cpuUsage() };
  await wait(step.measureMs);
  const elapsedMs = performance.now() - before.at;
  const result = { deliveries: deliveries - before.deliveries, sent: sent - before.sent, elapsedMs };
  const cpu = process.cpuUsage(before.cpu);
  clearInterval(timer);
  await phase.end();
  for (const member of members) member.close();
  latencies.sort((a, b) => a - b);
  return {
    ...result,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    clientCpuMicros: cpu.user + cpu.system,
  };
}

/** Called before and after the measured time, so that the parent measures the same period. */
export interface Phases {
  begin(): Promise<void>;
  end(): Promise<void>;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
