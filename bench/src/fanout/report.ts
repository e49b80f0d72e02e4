import { formatTable } from "../report/table.ts";
import { type Measurement, SUBJECTS, type Subject } from "./plan.ts";

const COLUMNS = [
  "messages/s",
  "subject",
  "deliveries/s",
  "CPU us/delivery",
  "server CPU",
  "client CPU",
  "p50 ms",
  "p99 ms",
  "RSS MB",
];

/** Formats the measurements as a Markdown table. */
export function fanoutTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((measurement) => [
    String(measurement.rate),
    measurement.subject,
    measurement.deliveriesPerSecond.toLocaleString("en"),
    measurement.cpuMicrosPerDelivery.toFixed(2),
    `${Math.round(measurement.serverCpuShare * 100)} %`,
    `${Math.round(measurement.clientCpuShare * 100)} %`,
    measurement.p50Ms.toFixed(1),
    measurement.p99Ms.toFixed(1),
    String(Math.round(measurement.rssBytes / 1e6)),
  ]);
  return formatTable(COLUMNS, rows);
}

/** Compares channels with the other subjects: the highest throughput, and the CPU per delivery at the lowest rate. */
export function fanoutSummaries(measurements: readonly Measurement[]): string {
  const lines: string[] = [];
  const highest = (subject: Subject): number =>
    Math.max(
      0,
      ...measurements
        .filter((measurement) => measurement.subject === subject)
        .map(({ deliveriesPerSecond }) => deliveriesPerSecond),
    );
  const ours = highest("channels");
  for (const other of SUBJECTS) {
    if (other === "channels" || highest(other) === 0 || ours === 0) continue;
    const ratio = (ours / highest(other)).toFixed(1);
    lines.push(`Highest deliveries/s: channels ${ours.toLocaleString("en")}, ${ratio} times that of ${other}.`);
  }
  const lowestRate = Math.min(...measurements.map(({ rate }) => rate));
  const atLowestRate = (subject: Subject): Measurement | undefined =>
    measurements.find((measurement) => measurement.subject === subject && measurement.rate === lowestRate);
  const own = atLowestRate("channels");
  for (const other of SUBJECTS) {
    const theirs = atLowestRate(other);
    if (other === "channels" || own === undefined || theirs === undefined) continue;
    const ratio = (own.cpuMicrosPerDelivery / theirs.cpuMicrosPerDelivery).toFixed(2);
    lines.push(`CPU per delivery at ${lowestRate} messages/s: channels uses ${ratio} times that of ${other}.`);
  }
  return lines.join("\n");
}
