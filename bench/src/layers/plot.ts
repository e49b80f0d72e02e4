import type { Contestant, Measurement } from "./plan.ts";
import { measured } from "./report.ts";

const colours: Readonly<Record<Contestant, string>> = {
  pubsub: "#1f7a5a",
  queue: "#5aa98a",
  "socket.io": "#d9822b",
  "py pubsub": "#3b6fb6",
  "py queue": "#8fb0dc",
};
const panel = { width: 250, height: 180, left: 58, top: 46, gap: 70, below: 78 };

interface Row {
  readonly title: string;
  readonly value: (one: Measurement) => number;
}

const rows: readonly Row[] = [
  { title: "messages/s", value: (one) => one.messagesPerSecond },
  { title: "CPU us a delivery", value: (one) => one.cpuMicrosPerDelivery },
  { title: "p99 ms", value: (one) => one.p99Ms },
];

/** Log-log plots over the number of processes, one for each number of groups, as one SVG. */
export function plot(measurements: readonly Measurement[]): string {
  const groups = [...new Set(measurements.map((one) => one.groups))];
  const width = panel.left + groups.length * (panel.width + panel.gap);
  const height = panel.top + rows.length * (panel.height + panel.below) + 24;
  const legend = measured(measurements).map((name, index) => {
    const x = panel.left + index * 110;
    const y = height - 12;
    return `<line x1="${x}" y1="${y - 4}" x2="${x + 22}" y2="${y - 4}" stroke="${colours[name]}" stroke-width="2.5"/><text x="${x + 28}" y="${y}">${name}</text>`;
  });
  const panels = rows.flatMap((row, down) =>
    groups.map((count, across) =>
      drawn(
        row,
        count,
        panel.left + across * (panel.width + panel.gap),
        panel.top + down * (panel.height + panel.below),
        measurements,
      ),
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels,
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

function drawn(row: Row, groups: number, left: number, top: number, measurements: readonly Measurement[]): string {
  const values = measurements.map(row.value).filter((one) => one > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  const counts = [...new Set(measurements.map((one) => one.processes))].toSorted((a, b) => a - b);
  const x = scale(counts[0] ?? 1, counts.at(-1) ?? 10, left, left + panel.width);
  const y = scale(low, high, top + panel.height, top);
  const parts = [
    `<text x="${left}" y="${top - 14}" font-weight="600">${row.title}, ${groups.toLocaleString("en")} ${groups === 1 ? "group" : "groups"}</text>`,
  ];
  for (let tick = low; tick <= high * 1.001; tick *= 10) {
    const at = y(tick).toFixed(1);
    parts.push(`<line x1="${left}" y1="${at}" x2="${left + panel.width}" y2="${at}" stroke="#e4e6ea"/>`);
    parts.push(`<text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${short(tick)}</text>`);
  }
  for (const count of counts) {
    parts.push(`<text x="${x(count).toFixed(1)}" y="${top + panel.height + 16}" text-anchor="middle">${count}</text>`);
  }
  parts.push(
    `<text x="${left + panel.width / 2}" y="${top + panel.height + 32}" text-anchor="middle">processes</text>`,
  );
  for (const name of measured(measurements)) {
    const points = measurements
      .filter((one) => one.contestant === name && one.groups === groups)
      .map((one) => `${x(one.processes).toFixed(1)},${y(row.value(one)).toFixed(1)}`);
    parts.push(`<polyline points="${points.join(" ")}" fill="none" stroke="${colours[name]}" stroke-width="2.5"/>`);
    for (const point of points) {
      const [cx, cy] = point.split(",");
      parts.push(`<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colours[name]}"/>`);
    }
  }
  return parts.join("\n");
}

function scale(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = Math.log10(high / low) || 1;
  return (value) => from + (Math.log10(Math.max(value, low) / low) / span) * (to - from);
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(Number(value.toPrecision(1)));
}
