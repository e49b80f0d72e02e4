import { table as tableOf } from "../report/table.ts";
import { type Contestant, contestants, type Measurement } from "./plan.ts";

const columns = [
  "messages/s",
  "contestant",
  "deliveries/s",
  "CPU us/delivery",
  "server CPU",
  "client CPU",
  "p50 ms",
  "p99 ms",
  "RSS MB",
];

/** The measurements as a table that is readable and is Markdown. */
export function table(measurements: readonly Measurement[]): string {
  const rows = measurements.map((one) => [
    String(one.rate),
    one.contestant,
    one.deliveriesPerSecond.toLocaleString("en"),
    one.cpuMicrosPerDelivery.toFixed(2),
    `${Math.round(one.serverCpuShare * 100)} %`,
    `${Math.round(one.clientCpuShare * 100)} %`,
    one.p50Ms.toFixed(1),
    one.p99Ms.toFixed(1),
    String(Math.round(one.rssBytes / 1e6)),
  ]);
  return tableOf(columns, rows);
}

/** What was to be shown, in two sentences. */
export function ratios(measurements: readonly Measurement[]): string {
  const lines: string[] = [];
  const best = (contestant: Contestant): number =>
    Math.max(0, ...measurements.filter((one) => one.contestant === contestant).map((one) => one.deliveriesPerSecond));
  const ours = best("channels");
  for (const other of contestants) {
    if (other === "channels" || best(other) === 0 || ours === 0) continue;
    lines.push(
      `Most deliveries/s: channels ${ours.toLocaleString("en")}, ${(ours / best(other)).toFixed(1)} times ${other}'s.`,
    );
  }
  const lightest = Math.min(...measurements.map((one) => one.rate));
  const light = (contestant: Contestant): Measurement | undefined =>
    measurements.find((one) => one.contestant === contestant && one.rate === lightest);
  const own = light("channels");
  for (const other of contestants) {
    const their = light(other);
    if (other === "channels" || own === undefined || their === undefined) continue;
    const share = own.cpuMicrosPerDelivery / their.cpuMicrosPerDelivery;
    lines.push(`CPU per delivery at ${lightest} messages/s: channels has ${share.toFixed(2)} times ${other}'s.`);
  }
  return lines.join("\n");
}
