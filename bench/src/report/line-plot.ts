import { escapeSvg, SVG_THEME } from "./svg.ts";

/** A point of a line, with the lowest and the highest of its rounds. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface PlotLine {
  readonly name: string;
  readonly points: readonly PlotPoint[];
}

/** A plot with logarithmic axes. */
export interface PlotPanel {
  readonly title: string;
  readonly xTitle: string;
  readonly lines: readonly PlotLine[];
}

const PANEL = { width: 300, height: 210, left: 62, top: 46, gap: 86 };
const LEGEND = { left: 62, step: 120, rowHeight: 20, perRow: 8 };
/** Readable on white and on black. The first line is the one that the plot is about. */
const COLORS = ["#1f9d76", "#4c8bf5", "#d9822b", "#8a8f98", "#b05cc6", "#d0524a", "#97a02c", "#3aa7b5"] as const;
/** Draws plots beside each other with one legend, as an SVG for light and dark pages. Values that are not above 0 are left out. */
export function plotLines(title: string, panels: readonly PlotPanel[]): string {
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const colorOf = (name: string): string => COLORS[names.indexOf(name) % COLORS.length] ?? COLORS[0];
  const width = PANEL.left + panels.length * (PANEL.width + PANEL.gap);
  const legendTop = PANEL.top + PANEL.height + 66;
  const height = legendTop + Math.ceil(names.length / LEGEND.perRow) * LEGEND.rowHeight;
  const legend = names.map((name, index) => {
    const x = LEGEND.left + (index % LEGEND.perRow) * LEGEND.step;
    const y = legendTop + Math.floor(index / LEGEND.perRow) * LEGEND.rowHeight;
    const line = `<line x1="${x}" y1="${y - 4}" x2="${x + 22}" y2="${y - 4}" stroke="${colorOf(name)}" stroke-width="2.5"/>`;
    return `${line}<text x="${x + 28}" y="${y}">${escapeSvg(name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeSvg(title)}</title>`,
    SVG_THEME,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...panels.map((panel, index) => drawPanel(panel, PANEL.left + index * (PANEL.width + PANEL.gap), colorOf)),
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel({ title, xTitle, lines }: PlotPanel, left: number, colorOf: (name: string) => string): string {
  const visible = lines.map(({ name, points }) => ({ name, points: points.filter(({ x, y }) => x > 0 && y > 0) }));
  const points = visible.flatMap((line) => line.points);
  const bottom = PANEL.top + PANEL.height;
  const parts = [`<text x="${left}" y="${PANEL.top - 18}" font-weight="600">${escapeSvg(title)}</text>`];
  if (points.length === 0) return [...parts, `<text x="${left}" y="${PANEL.top + 20}">no values</text>`].join("\n");
  const ys = points.flatMap(({ y, low = y, high = y }) => [low, high]).filter((value) => value > 0);
  const [bottomValue, topValue] = decadesAround(ys);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const x = scale(xs[0] ?? 1, xs.at(-1) ?? 10, left, left + PANEL.width);
  const y = scale(bottomValue, topValue, bottom, PANEL.top);
  for (let tick = bottomValue; tick <= topValue * 1.001; tick *= 10) {
    const at = y(tick).toFixed(1);
    parts.push(
      `<line class="grid" x1="${left}" y1="${at}" x2="${left + PANEL.width}" y2="${at}"/>`,
      `<text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${shortNumber(tick)}</text>`,
    );
  }
  for (const value of spacedOut(xs, x)) {
    parts.push(`<text x="${x(value).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${shortNumber(value)}</text>`);
  }
  parts.push(`<text x="${left + PANEL.width / 2}" y="${bottom + 38}" text-anchor="middle">${escapeSvg(xTitle)}</text>`);
  for (const line of visible) parts.push(...drawLine(line, { x, y, color: colorOf(line.name) }));
  return parts.join("\n");
}

interface LineStyle {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly color: string;
}

function drawLine({ points }: PlotLine, { x, y, color }: LineStyle): readonly string[] {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const path = sorted.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`);
  return [
    `<polyline points="${path.join(" ")}" fill="none" stroke="${color}" stroke-width="2.5"/>`,
    ...sorted.flatMap((point) => {
      const at = x(point.x).toFixed(1);
      const { low = point.y, high = point.y } = point;
      const dot = `<circle cx="${at}" cy="${y(point.y).toFixed(1)}" r="3.5" fill="${color}"/>`;
      if (low === high) return [dot];
      const bar = `<line x1="${at}" y1="${y(low).toFixed(1)}" x2="${at}" y2="${y(high).toFixed(1)}" stroke="${color}"/>`;
      return [bar, dot];
    }),
  ];
}

/** The powers of ten around values, at least one decade apart. */
function decadesAround(values: readonly number[]): readonly [number, number] {
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  return [low, Math.max(high, low * 10)];
}

function scale(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = Math.log10(high / low) || 1;
  return (value) => from + (Math.log10(Math.max(value, low) / low) / span) * (to - from);
}

const MIN_LABEL_DISTANCE = 30;

/** Leaves out values whose labels would overlap the one before. */
function spacedOut(values: readonly number[], x: (value: number) => number): readonly number[] {
  const labeled: number[] = [];
  for (const value of values) {
    const last = labeled.at(-1);
    if (last === undefined || x(value) - x(last) >= MIN_LABEL_DISTANCE) labeled.push(value);
  }
  return labeled;
}

function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))}k` : String(Number(value.toPrecision(2)));
}
