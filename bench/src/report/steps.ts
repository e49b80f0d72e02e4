/** One contestant's times, from the shortest to the longest: the value at each hundredth. */
export interface Steps {
  readonly name: string;
  readonly colour: string;
  readonly hundredths: readonly number[];
}

export interface StepsPanel {
  readonly title: string;
  readonly lines: readonly Steps[];
}

const panel = { width: 380, height: 210, left: 62, top: 46, gap: 86 };

/** How many were ready after which time, over a logarithmic axis of milliseconds, as one SVG. */
export function plotSteps(title: string, panels: readonly StepsPanel[]): string {
  const width = panel.left + panels.length * (panel.width + panel.gap);
  const height = panel.top + panel.height + 84;
  const names = new Map(panels.flatMap(({ lines }) => lines.map(({ name, colour }) => [name, colour] as const)));
  const legend = [...names].map(([name, colour], index) => {
    const x = panel.left + index * 170;
    const y = height - 18;
    return `<line x1="${x}" y1="${y - 4}" x2="${x + 22}" y2="${y - 4}" stroke="${colour}" stroke-width="2.5"/><text x="${x + 28}" y="${y}">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels.map((one, index) => drawn(one, panel.left + index * (panel.width + panel.gap))),
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

function drawn({ title, lines }: StepsPanel, left: number): string {
  const values = lines.flatMap(({ hundredths }) => hundredths).filter((value) => value > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...values, 10)));
  const high = Math.max(10 * low, 10 ** Math.ceil(Math.log10(Math.max(...values, 10))));
  const bottom = panel.top + panel.height;
  const x = (ms: number) => left + (Math.log10(Math.max(ms, low) / low) / Math.log10(high / low)) * panel.width;
  const y = (hundredth: number) => bottom - (hundredth / 100) * panel.height;
  const parts = [`<text x="${left}" y="${panel.top - 18}" font-weight="600">${title}</text>`];
  for (const share of [0, 50, 100]) {
    parts.push(
      `<line x1="${left}" y1="${y(share)}" x2="${left + panel.width}" y2="${y(share)}" stroke="#e4e6ea"/>`,
      `<text x="${left - 8}" y="${y(share) + 4}" text-anchor="end">${share} %</text>`,
    );
  }
  for (let ms = low; ms <= high * 1.001; ms *= 10) {
    parts.push(`<text x="${x(ms).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${named(ms)}</text>`);
  }
  for (const { colour, hundredths } of lines) {
    const points = hundredths.map((ms, hundredth) => `${x(ms).toFixed(1)},${y(hundredth).toFixed(1)}`);
    parts.push(`<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2.5"/>`);
  }
  return parts.join("\n");
}

function named(ms: number): string {
  return ms < 1_000 ? `${Number(ms.toPrecision(1))} ms` : `${ms / 1_000} s`;
}
