/** A table that a benchmark printed: one object a row, by the titles of the columns. */
export type ParsedTable = readonly Readonly<Record<string, string>>[];

/** Finds the Markdown tables in an output. */
export function parseTables(output: string): readonly ParsedTable[] {
  const tables: ParsedTable[] = [];
  let block: string[] = [];
  for (const line of [...output.split("\n"), ""]) {
    if (line.startsWith("|")) {
      block.push(line);
      continue;
    }
    const [titles, separator, ...rows] = block.map(cellsOf);
    block = [];
    if (titles === undefined || separator?.every((cell) => /^:?-+:?$/.test(cell)) !== true) continue;
    tables.push(rows.map((cells) => Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? ""]))));
  }
  return tables;
}

/** Returns what an output says after its progress: from the first table or list on. The whole output where it has neither. */
export function summaryOf(output: string): string {
  const lines = output.trimEnd().split("\n");
  const first = lines.findIndex((line) => line.startsWith("|") || line.startsWith("- "));
  return lines.slice(Math.max(first, 0)).join("\n").trim();
}

function cellsOf(line: string): readonly string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

export interface PartDocument {
  readonly name: string;
  readonly about: string;
  readonly command: string;
  readonly at: Date;
  readonly node: string;
  readonly machine: string;
  readonly output: string;
  /** The file name of its plot, if it has one. */
  readonly plot: string | undefined;
}

/** Writes the page of one benchmark: what it printed, with its command, its date and its machine. */
export function partPage({ name, about, command, at, node, machine, output, plot }: PartDocument): string {
  return [
    `# ${name}: ${about}`,
    "",
    "```sh",
    command,
    "```",
    "",
    `Measured on ${at.toISOString().slice(0, 10)}, Node ${node.replace(/^v/, "")}, ${machine}:`,
    "",
    summaryOf(output),
    ...(plot === undefined ? [] : ["", `![${about}](${plot})`]),
    "",
  ].join("\n");
}
