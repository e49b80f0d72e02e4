import { type Measurement, SUBJECTS, type Subject } from "./plan.ts";

const COLORS: Readonly<Record<Subject, string>> = { ws: "#8a8f98", "socket.io": "#d9822b", channels: "#1f7a5a" };
const PANEL = { width: 300, height: 210, left: 62, top: 46, gap: 86 };

interface Panel {
  readonly title: string;
  readonly value: (measurement: Measurement) => number;
}

const PANELS: readonly Panel[] = [
  { title: "deliveries/s", value: (measurement) => measurement.deliveriesPerSecond },
  { title: "server CPU, us per delivery", value: (measurement) => measurement.cpuMicrosPerDelivery },
  { title: "p99 latency, ms", value: (measurement) => measurement.p99Ms },
];

/** Draws three log-log plots over the rate, as one SVG. */
export function plot(measurements: readonly Measurement[]): string {
  const width = PANEL.left + PANELS.length * (PANEL.width + PANEL.gap);
  const height = PANEL.top + PANEL.height + 84;
  const legend = SUBJECTS.map((name, index) => {
    const x = PANEL.left + index * 110;
    const y = height - 18;
    return `<line x1="${x}" y1="${y - 4}" x2="${x + 22}" y2="${y - 4}" stroke="${COLORS[name]}" stroke-width="2.5"/><text x="${x + 28}" y="${y}">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    "<title>Deliveries per second, CPU and latency over the rate of messages, for ws, Socket.IO and channels</title>",
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...PANELS.map((panel, index) => drawPanel(panel, PANEL.left + index * (PANEL.width + PANEL.gap), measurements)),
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel({ title, value }: Panel, left: number, measurements: readonly Measurement[]): string {
  const rates = [...new Set(measurements.map((measurement) => measurement.rate))].sort((a, b) => a - b);
  const values = measurements.map(value).filter((value) => value > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  const x = scale(rates[0] ?? 1, rates.at(-1) ?? 10, left, left + PANEL.width);
  const y = scale(low, high, PANEL.top + PANEL.height, PANEL.top);
  const parts = [`<text x="${left}" y="${PANEL.top - 18}" font-weight="600">${title}</text>`];
  for (let tick = low; tick <= high * 1.001; tick *= 10) {
    const at = y(tick).toFixed(1);
    parts.push(`<line x1="${left}" y1="${at}" x2="${left + PANEL.width}" y2="${at}" stroke="#e4e6ea"/>`);
    parts.push(`<text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${tickLabel(tick)}</text>`);
  }
  for (const rate of rates) {
    parts.push(
      `<text x="${x(rate).toFixed(1)}" y="${PANEL.top + PANEL.height + 18}" text-anchor="middle">${rate}</text>`,
    );
  }
  parts.push(
    `<text x="${left + PANEL.width / 2}" y="${PANEL.top + PANEL.height + 38}" text-anchor="middle">messages/s into the room</text>`,
  );
  for (const name of SUBJECTS) {
    const points = measurements
      .filter((measurement) => measurement.subject === name)
      .map((measurement) => `${x(measurement.rate).toFixed(1)},${y(value(measurement)).toFixed(1)}`);
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
