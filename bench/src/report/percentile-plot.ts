import { SVG_THEME } from "./svg.ts";

/** The times of one subject at each percentile, from the shortest to the longest. */
export interface PercentileLine {
  readonly name: string;
  readonly color: string;
  readonly percentiles: readonly number[];
}

export interface PercentilePanel {
  readonly title: string;
  readonly lines: readonly PercentileLine[];
}

const PANEL = { width: 380, height: 210, left: 62, top: 46, gap: 86 };

/** Plots the share that was ready over time, on a logarithmic axis of milliseconds, as one SVG. */
export function plotPercentiles(title: string, panels: readonly PercentilePanel[]): string {
  const width = PANEL.left + panels.length * (PANEL.width + PANEL.gap);
  const height = PANEL.top + PANEL.height + 84;
  const colors = new Map(panels.flatMap(({ lines }) => lines.map(({ name, color }) => [name, color] as const)));
  const legend = [...colors].map(([name, color], index) => {
    const x = PANEL.left + index * 170;
    const y = height - 18;
    return `<line x1="${x}" y1="${y - 4}" x2="${x + 22}" y2="${y - 4}" stroke="${color}" stroke-width="2.5"/><text x="${x + 28}" y="${y}">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    SVG_THEME,
    `<title>${title}</title>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...panels.map((panel, index) => drawPanel(panel, PANEL.left + index * (PANEL.width + PANEL.gap))),
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel({ title, lines }: PercentilePanel, left: number): string {
  const values = lines.flatMap(({ percentiles }) => percentiles).filter((value) => value > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...values, 10)));
  const high = Math.max(10 * low, 10 ** Math.ceil(Math.log10(Math.max(...values, 10))));
  const bottom = PANEL.top + PANEL.height;
  const x = (ms: number) => left + (Math.log10(Math.max(ms, low) / low) / Math.log10(high / low)) * PANEL.width;
  const y = (percent: number) => bottom - (percent / 100) * PANEL.height;
  const parts = [`<text x="${left}" y="${PANEL.top - 18}" font-weight="600">${title}</text>`];
  for (const percent of [0, 50, 100]) {
    parts.push(
      `<line x1="${left}" y1="${y(percent)}" x2="${left + PANEL.width}" y2="${y(percent)}" class="grid"/>`,
      `<text x="${left - 8}" y="${y(percent) + 4}" text-anchor="end">${percent} %</text>`,
    );
  }
  for (let ms = low; ms <= high * 1.001; ms *= 10) {
    parts.push(`<text x="${x(ms).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${tickLabel(ms)}</text>`);
  }
  for (const { color, percentiles } of lines) {
    const points = percentiles.map((ms, percent) => `${x(ms).toFixed(1)},${y(percent).toFixed(1)}`);
    parts.push(`<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="2.5"/>`);
  }
  return parts.join("\n");
}

function tickLabel(ms: number): string {
  return ms < 1_000 ? `${Number(ms.toPrecision(1))} ms` : `${ms / 1_000} s`;
}
