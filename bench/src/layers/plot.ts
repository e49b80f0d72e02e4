import { SVG_THEME } from "../report/svg.ts";
import type { Measurement, Subject } from "./plan.ts";
import { measuredSubjects } from "./report.ts";

const COLORS: Readonly<Record<Subject, string>> = {
  pubsub: "#1f7a5a",
  queue: "#5aa98a",
  "socket.io": "#d9822b",
  "py pubsub": "#3b6fb6",
  "py queue": "#8fb0dc",
};
const PANEL = { width: 250, height: 180, left: 58, top: 46, gap: 70, below: 78 };

interface Row {
  readonly title: string;
  readonly value: (measurement: Measurement) => number;
}

const ROWS: readonly Row[] = [
  { title: "messages/s", value: (measurement) => measurement.messagesPerSecond },
  { title: "CPU us per delivery", value: (measurement) => measurement.cpuMicrosPerDelivery },
  { title: "p99 ms", value: (measurement) => measurement.p99Ms },
];

/** Draws log-log plots over the number of processes, one for each number of groups, as one SVG. */
export function plot(measurements: readonly Measurement[]): string {
  const groups = [...new Set(measurements.map((measurement) => measurement.groups))];
  const width = PANEL.left + groups.length * (PANEL.width + PANEL.gap);
  const height = PANEL.top + ROWS.length * (PANEL.height + PANEL.below) + 24;
  const legend = measuredSubjects(measurements).map((name, index) => {
    const x = PANEL.left + index * 110;
    const y = height - 12;
    return `<line x1="${x}" y1="${y - 4}" x2="${x + 22}" y2="${y - 4}" stroke="${COLORS[name]}" stroke-width="2.5"/><text x="${x + 28}" y="${y}">${name}</text>`;
  });
  const panels = ROWS.flatMap((row, down) =>
    groups.map((count, across) =>
      drawPanel(
        row,
        count,
        PANEL.left + across * (PANEL.width + PANEL.gap),
        PANEL.top + down * (PANEL.height + PANEL.below),
        measurements,
      ),
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    SVG_THEME,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...panels,
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel(row: Row, groups: number, left: number, top: number, measurements: readonly Measurement[]): string {
  const values = measurements.map(row.value).filter((value) => value > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  const counts = [...new Set(measurements.map((measurement) => measurement.processes))].toSorted((a, b) => a - b);
  const x = scale(counts[0] ?? 1, counts.at(-1) ?? 10, left, left + PANEL.width);
  const y = scale(low, high, top + PANEL.height, top);
  const parts = [
    `<text x="${left}" y="${top - 14}" font-weight="600">${row.title}, ${groups.toLocaleString("en")} ${groups === 1 ? "group" : "groups"}</text>`,
  ];
  for (let tick = low; tick <= high * 1.001; tick *= 10) {
    const at = y(tick).toFixed(1);
    parts.push(`<line x1="${left}" y1="${at}" x2="${left + PANEL.width}" y2="${at}" class="grid"/>`);
    parts.push(`<text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${tickLabel(tick)}</text>`);
  }
  for (const count of counts) {
    parts.push(`<text x="${x(count).toFixed(1)}" y="${top + PANEL.height + 16}" text-anchor="middle">${count}</text>`);
  }
  parts.push(
    `<text x="${left + PANEL.width / 2}" y="${top + PANEL.height + 32}" text-anchor="middle">processes</text>`,
  );
  for (const name of measuredSubjects(measurements)) {
    const points = measurements
      .filter((measurement) => measurement.subject === name && measurement.groups === groups)
      .map((measurement) => `${x(measurement.processes).toFixed(1)},${y(row.value(measurement)).toFixed(1)}`);
    parts.push(`<polyline points="${points.join(" ")}" fill="none" stroke="${COLORS[name]}" stroke-width="2.5"/>`);
    for (const point of points) {
      const [cx, cy] = point.split(",");
      parts.push(`<circle cx="${cx}" cy="${cy}" r="3.5" fill="${COLORS[name]}"/>`);
    }
  }
  return parts.join("\n");
}

function scale(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = Math.log10(high / low) || 1;
  return (value) => from + (Math.log10(Math.max(value, low) / low) / span) * (to - from);
}

function tickLabel(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(Number(value.toPrecision(1)));
}
