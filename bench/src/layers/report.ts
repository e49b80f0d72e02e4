import { formatTable } from "../report/table.ts";
import { type Measurement, SUBJECTS, type Subject } from "./plan.ts";

const COLUMNS = ["processes", "groups", "subject", "messages/s", "CPU us/delivery", "p50 ms", "p99 ms"];

/** Formats the measurements as a Markdown table. */
export function layersTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((measurement) => [
    String(measurement.processes),
    measurement.groups.toLocaleString("en"),
    measurement.subject,
    withSpread(measurement.messagesPerSecond, measurement.spread?.messagesPerSecond, (value) =>
      value.toLocaleString("en"),
    ),
    withSpread(measurement.cpuMicrosPerDelivery, measurement.spread?.cpuMicrosPerDelivery, (value) => value.toFixed(1)),
    measurement.p50Ms.toFixed(2),
    measurement.p99Ms.toFixed(2),
  ]);
  return formatTable(COLUMNS, rows);
}

function withSpread(
  value: number,
  spread: readonly [low: number, high: number] | undefined,
  format: (value: number) => string,
): string {
  return spread === undefined ? format(value) : `${format(value)} (${format(spread[0])} to ${format(spread[1])})`;
}

/** Compares each of our layers with its counterparts over the settings that both ran: the median, and the range. */
export function layersSummaries(measurements: readonly Measurement[]): string {
  const pairs: readonly (readonly [Subject, Subject])[] = [
    ["pubsub", "socket.io"],
    ["pubsub", "py pubsub"],
    ["queue", "py queue"],
  ];
  return pairs
    .flatMap(([ours, theirs]) => {
      const both = measurements
        .filter(({ subject }) => subject === ours)
        .flatMap((own) => {
          const other = measurements.find(
            ({ subject, processes, groups }) =>
              subject === theirs && processes === own.processes && groups === own.groups,
          );
          return other === undefined ? [] : [{ own, other }];
        });
      if (both.length === 0) return [];
      const rate = medianAndRange(
        both.map(({ own, other }) => own.messagesPerSecond / Math.max(1, other.messagesPerSecond)),
      );
      const cost = medianAndRange(both.map(({ own, other }) => own.cpuMicrosPerDelivery / other.cpuMicrosPerDelivery));
      return [`${ours} has ${rate} times the messages/s of ${theirs}, and ${cost} times its CPU per delivery.`];
    })
    .join("\n");
}

function medianAndRange(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, median = 0, high = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** Returns the subjects that were measured, in their order. */
export function measuredSubjects(measurements: readonly Measurement[]): readonly Subject[] {
  return SUBJECTS.filter((name) => measurements.some(({ subject }) => subject === name));
}
