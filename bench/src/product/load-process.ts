import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { distributionOf } from "../report/quantile.ts";
import { LoadMember, type LoadState } from "./load-member.ts";
import { parseLoadConfig } from "./load-script.ts";

// The load client for machines without a C compiler. It reads and prints what the one in bench/client does, and costs more.

const TICK_MS = 1;
/** A few handshakes at a time: a server's backlog is limited. */
const MAX_HANDSHAKES = 64;

const script = parseLoadConfig(await text(process.stdin));
const state: LoadState = { isMeasuring: false, latenciesMs: [], closeCode: 0, counts: emptyCounts() };
const members: LoadMember[] = [];
while (members.length < script.members) {
  const next = Math.min(MAX_HANDSHAKES, script.members - members.length);
  const opened = Array.from({ length: next }, (_, index) => new LoadMember(script, state, members.length + index));
  members.push(...opened);
  await Promise.all(opened.map((member) => member.joined));
}
console.log("ready");

const startedNs = process.hrtime.bigint();
let sent = 0;
const timer = setInterval(sendDue, TICK_MS);
await wait(script.warmUpMs);
console.log("begin");
const before = { counts: { ...state.counts }, cpu: process.cpuUsage(), at: performance.now() };
state.isMeasuring = true;
await wait(script.measureMs);
const elapsedMs = performance.now() - before.at;
const cpu = process.cpuUsage(before.cpu);
const { p50, p99, max, count } = distributionOf(state.latenciesMs);
const since = (name: keyof LoadState["counts"]): number => state.counts[name] - before.counts[name];
console.log(
  `end ${JSON.stringify({
    elapsedMs,
    deliveries: since("deliveries"),
    sent: since("sent"),
    unsent: since("unsent"),
    refused: state.counts.refused,
    closed: state.counts.closed,
    closeCode: state.closeCode,
    frames: since("frames"),
    reads: since("reads"),
    bytes: since("bytes"),
    cpuMicros: cpu.user + cpu.system,
    samples: count,
    p50Ms: count === 0 ? 0 : p50,
    p99Ms: count === 0 ? 0 : p99,
    maxMs: count === 0 ? 0 : max,
  })}`,
);
clearInterval(timer);
// The connections stay open until the server has been measured.
await wait(200);
process.exit();

/** Sends the messages that are due. Each carries the time at which it was due, also where it is sent later. */
function sendDue(): void {
  if (script.rate === 0) return;
  const nowNs = process.hrtime.bigint();
  const stride = Math.floor(script.members / script.senders);
  for (;;) {
    const dueNs = startedNs + BigInt(Math.floor((sent * 1e9) / script.rate));
    if (dueNs > nowNs) return;
    members[(sent % script.senders) * stride]?.post(sent, dueNs);
    sent += 1;
  }
}

function emptyCounts(): LoadState["counts"] {
  return { deliveries: 0, sent: 0, unsent: 0, refused: 0, closed: 0, frames: 0, reads: 0, bytes: 0 };
}
