import { escapeSvg } from "./svg.ts";

/** The part of a V8 CPU profile (a .cpuprofile file) that a flame graph shows. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  /** The node of each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface Frame {
  readonly name: string;
  micros: number;
  readonly children: Map<string, Frame>;
}

const WIDTH = 1_200;
const ROW_HEIGHT = 17;
const TOP = 40;
/** A frame that is narrower than this has no rectangle. */
const MIN_WIDTH = 0.6;
const CHAR_WIDTH = 6.2;
/** What V8 calls the time in which the thread waited for something to do. */
const IDLE = "(idle)";

/**
 * Draws a CPU profile as a flame graph: each function above the one that called it, as wide as the time spent in it. The time in
 * which the thread was idle is left out. One SVG for light and dark pages.
 */
export function flameGraph(title: string, profile: CpuProfile): string {
  const root = framesOf(profile);
  const rectangles: string[] = [];
  const depth = draw(root, { x: 0, level: 0, scale: WIDTH / Math.max(root.micros, 1), total: root.micros }, rectangles);
  const height = TOP + (depth + 1) * ROW_HEIGHT + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="ui-monospace, monospace" font-size="10">`,
    `<title>${escapeSvg(title)}</title>`,
    "<style>",
    "text { fill: #222; pointer-events: none } .page { fill: #fff } .title { font-size: 14px }",
    "@media (prefers-color-scheme: dark) { .title { fill: #d5d9de } .page { fill: #0d1117 } }",
    "</style>",
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="8" y="22">${escapeSvg(title)}, ${(root.micros / 1e6).toFixed(2)} s busy</text>`,
    ...rectangles,
    "</svg>",
    "",
  ].join("\n");
}

/** Adds up the samples of each call path. */
function framesOf({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const root: Frame = { name: "all", micros: 0, children: new Map() };
  for (const [index, sample] of samples.entries()) {
    const path: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const node = byId.get(id);
      if (node !== undefined && parents.has(id)) path.unshift(nameOf(node.callFrame));
    }
    if (path[0] === IDLE) continue;
    const micros = timeDeltas[index] ?? 0;
    let frame = root;
    frame.micros += micros;
    for (const name of path) {
      let child = frame.children.get(name);
      if (child === undefined) {
        child = { name, micros: 0, children: new Map() };
        frame.children.set(name, child);
      }
      child.micros += micros;
      frame = child;
    }
  }
  return root;
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  const file = url.split("/").at(-1) ?? "";
  return file === "" ? name : `${name} ${file}:${lineNumber + 1}`;
}

interface Place {
  readonly x: number;
  readonly level: number;
  /** Pixels a microsecond. */
  readonly scale: number;
  readonly total: number;
}

/** Draws a frame and those that it called, the widest first; returns the deepest level. */
function draw(frame: Frame, { x, level, scale, total }: Place, into: string[]): number {
  const width = frame.micros * scale;
  if (width < MIN_WIDTH) return level;
  const y = TOP + level * ROW_HEIGHT;
  const share = ((100 * frame.micros) / Math.max(total, 1)).toFixed(1);
  const label = frame.name.slice(0, Math.max(0, Math.floor((width - 6) / CHAR_WIDTH)));
  into.push(
    `<g><title>${escapeSvg(frame.name)}: ${share} %</title>` +
      `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(width - 0.4, 0.3).toFixed(1)}" height="${ROW_HEIGHT - 1}" fill="${colorOf(frame.name)}" rx="1"/>` +
      (label.length < 3 ? "" : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escapeSvg(label)}</text>`) +
      "</g>",
  );
  let at = x;
  let deepest = level;
  for (const child of [...frame.children.values()].sort((a, b) => b.micros - a.micros)) {
    deepest = Math.max(deepest, draw(child, { x: at, level: level + 1, scale, total }, into));
    at += child.micros * scale;
  }
  return deepest;
}

/** A warm color that depends on the name alone, so that a function looks the same in two graphs. */
function colorOf(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return `hsl(${20 + (hash % 35)} 85% ${62 + (hash % 14)}%)`;
}
