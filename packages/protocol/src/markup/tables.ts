import { type Inline, parseInline } from "./inline.ts";

/** How a column is aligned; null: as the text is. */
export type Alignment = "left" | "center" | "right" | null;

export interface Table {
  readonly kind: "table";
  /** One for each column of the header. */
  readonly alignments: readonly Alignment[];
  /** The cells of the first row. */
  readonly header: readonly (readonly Inline[])[];
  /** A row may have fewer or more cells than the header. */
  readonly rows: readonly (readonly (readonly Inline[])[])[];
}

/** A header with more columns is text: no screen shows them. */
const MAX_COLUMNS = 40;
const DELIMITER_ROW = /^[ \t]{0,3}[|:-][|:\- \t]*$/;
/** With pipes at its ends a row of single hyphens is a delimiter row, too; `-|-` alone is a face. */
const DELIMITER_CELL = /^:?-{3,}:?$/;
const SHORT_DELIMITER_CELL = /^:?-+:?$/;

/** Whether a table may begin at a header; decided without looking at the header's cells. */
export function canStartTable(header: string, next: string | undefined): boolean {
  return next?.includes("|") === true && next.includes("-") && header.includes("|") && DELIMITER_ROW.test(next);
}

/** Parses the first two lines of a table. @returns undefined if they are none */
export function parseTableHead(header: string, delimiters: string): Pick<Table, "alignments" | "header"> | undefined {
  const cells = splitRow(header);
  const marks = splitRow(delimiters);
  const pattern = delimiters.trim().startsWith("|") ? SHORT_DELIMITER_CELL : DELIMITER_CELL;
  if (cells.length !== marks.length || cells.length > MAX_COLUMNS || !marks.every((mark) => pattern.test(mark))) {
    return undefined;
  }
  return { alignments: marks.map(toAlignment), header: cells.map(parseInline) };
}

export function parseRow(line: string): readonly (readonly Inline[])[] {
  return splitRow(line).map(parseInline);
}

function toAlignment(mark: string): Alignment {
  const [left, right] = [mark.startsWith(":"), mark.endsWith(":")];
  if (left && right) return "center";
  return left ? "left" : right ? "right" : null;
}

/** Splits a row at its pipes, except for escaped ones and those of a spoiler. */
function splitRow(line: string): string[] {
  const text = line.trim();
  const cells: string[] = [];
  const spoilers = new SpoilerPipes(text);
  let cell = "";
  let from = text.startsWith("|") && !spoilers.includes(0) ? 1 : 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\" && text[at + 1] === "|") {
      cell += `${text.slice(from, at)}|`;
      at += 1;
      from = at + 1;
    } else if (text[at] === "|" && spoilers.includes(at)) {
      at += 1;
    } else if (text[at] === "|") {
      cells.push((cell + text.slice(from, at)).trim());
      cell = "";
      from = at + 1;
    }
  }
  const last = (cell + text.slice(from)).trim();
  // A pipe at the end closes the last cell.
  if (last !== "" || cells.length === 0) cells.push(last);
  return cells;
}

/** The pairs of pipes in a row that hide what is between them: `| ||secret|| |`. */
class SpoilerPipes {
  readonly #positions = new Set<number>();

  constructor(row: string) {
    let opened: number | undefined;
    for (const { 0: pipes, index } of row.matchAll(/\|+/g)) {
      if (pipes.length !== 2) continue;
      const hasBefore = /\S/.test(row[index - 1] ?? "");
      const hasAfter = /\S/.test(row[index + 2] ?? "");
      if (opened !== undefined && hasBefore && !hasAfter) {
        this.#positions.add(opened).add(index);
        opened = undefined;
      } else if (hasAfter && !hasBefore) opened = index;
    }
  }

  /** Whether such a pair begins here. */
  includes(position: number): boolean {
    return this.#positions.has(position);
  }
}
