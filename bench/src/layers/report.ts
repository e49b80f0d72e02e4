import { table as tableOf } from "../report/table.ts";
import { type Contestant, contestants, type Measurement } from "./plan.ts";

const columns = ["processes", "groups", "contestant", "messages/s", "CPU us/delivery", "p50 ms", "p99 ms"];

/** The measurements as a table that is readable and is Markdown. */
export function table(measurements: readonly Measurement[]): string {
  const rows = measurements.map((one) => [
    String(one.processes),
    one.groups.toLocaleString("en"),
    one.contestant,
    one.messagesPerSecond.toLocaleString("en"),
    one.cpuMicrosPerDelivery.toFixed(1),
    one.p50Ms.toFixed(2),
    one.p99Ms.toFixed(2),
  ]);
  return tableOf(columns, rows);
}

/** How each layer of ours compares with its like, over the settings that both ran: in the middle, and from worst to best. */
export function ratios(measurements: readonly Measurement[]): string {
  const pairs: readonly (readonly [Contestant, Contestant])[] = [
    ["pubsub", "socket.io"],
    ["pubsub", "py pubsub"],
    ["queue", "py queue"],
  ];
  return pairs
    .flatMap(([ours, theirs]) => {
      const both = measurements
        .filter(({ contestant }) => contestant === ours)
        .flatMap((one) => {
          const other = measurements.find(
            ({ contestant, processes, groups }) =>
              contestant === theirs && processes === one.processes && groups === one.groups,
          );
          return other === undefined ? [] : [{ one, other }];
        });
      if (both.length === 0) return [];
      const rate = spread(both.map(({ one, other }) => one.messagesPerSecond / Math.max(1, other.messagesPerSecond)));
      const cost = spread(both.map(({ one, other }) => one.cpuMicrosPerDelivery / other.cpuMicrosPerDelivery));
      return [`${ours} has ${rate} times ${theirs}'s messages/s, and ${cost} times its CPU per delivery.`];
    })
    .join("\n");
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, middle = 0, high = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** The contestants that were measured, in their order. */
export function measured(measurements: readonly Measurement[]): readonly Contestant[] {
  return contestants.filter((name) => measurements.some(({ contestant }) => contestant === name));
}
