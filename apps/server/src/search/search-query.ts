import { Refusal } from "../access/refusal.ts";
import type { MessageSearch } from "../store/store.ts";

/** A search as somebody wrote it, understood but not yet looked up. */
export interface SearchQuery {
  readonly terms: MessageSearch["terms"];
  /** Titles, numbers or ids; of any of them. */
  readonly in: readonly string[];
  readonly from: string | undefined;
  /** Milliseconds since 1970. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

const MAX_TERMS = 10;
const FILTERS = ["in", "from", "before", "after"] as const;
type Filter = (typeof FILTERS)[number];

/** One thing after another: an optional filter's name, then what stands in quotes or up to the next space. */
const PIECE = /(?:(?<filter>in|from|before|after):)?(?:"(?<quoted>[^"]*)(?<end>"?)|(?<plain>[^\s"]+))?(?<rest>\s*)/iuy;
const DATE = /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/;
/** What can be found: punctuation alone is in no index. */
const SEARCHABLE = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/**
 * Words, "phrases", prefix*, and the filters in:, from:, before: and after:, whose values may stand in quotes.
 * @throws Refusal SEARCH_INVALID, saying what was expected.
 */
export function parseSearch(text: string): SearchQuery {
  const terms: MessageSearch["terms"][number][] = [];
  const filters: Record<Filter, string[]> = { in: [], from: [], before: [], after: [] };
  PIECE.lastIndex = 0;
  for (let place = 0; place < text.length; place = PIECE.lastIndex) {
    const found = PIECE.exec(text);
    const { filter, quoted, end, plain } = found?.groups ?? {};
    if (found === null || found[0] === "") throw invalid(`Expected words, got ${quote(text.slice(place))}.`);
    if (quoted !== undefined && end === "") throw invalid(`Expected a second quotation mark after "${quoted}.`);
    const value = quoted ?? plain;
    if (filter !== undefined) filters[filter.toLowerCase() as Filter].push(parseFilterValue(filter, value));
    else if (value !== undefined) terms.push(parseTerm(value, quoted !== undefined));
  }
  // Filters alone ask for all that they let through.
  if (terms.length === 0 && Object.values(filters).every((values) => values.length === 0)) {
    throw invalid("Expected a word to look for, or a filter such as from:alice.");
  }
  if (terms.length > MAX_TERMS) throw invalid(`Expected at most ${MAX_TERMS} words, got ${terms.length}.`);
  return {
    terms,
    in: filters.in,
    from: atMostOne("from", filters.from),
    before: parseDay("before", atMostOne("before", filters.before)),
    after: parseDay("after", atMostOne("after", filters.after)),
  };
}

function parseTerm(value: string, quoted: boolean): MessageSearch["terms"][number] {
  if (!SEARCHABLE.test(value)) throw invalid(`Expected a word, got ${quote(value)}.`);
  if (quoted) return { text: value.trim(), kind: "phrase" };
  return value.endsWith("*") ? { text: value.replace(/\*+$/, ""), kind: "prefix" } : { text: value, kind: "word" };
}

function parseFilterValue(filter: string, value: string | undefined): string {
  const trimmed = value?.trim() ?? "";
  if (trimmed === "")
    throw invalid(
      `Expected a value right after ${filter.toLowerCase()}:, such as ${EXAMPLES[filter.toLowerCase() as Filter]}.`,
    );
  return trimmed;
}

const EXAMPLES = {
  in: 'in:General or in:"The back room"',
  from: "from:alice",
  before: "before:2026-01-31",
  after: "after:2026-01-01",
} as const satisfies Record<Filter, string>;

function atMostOne(filter: Filter, values: readonly string[]): string | undefined {
  if (values.length > 1) throw invalid(`Expected ${filter}: once, got it ${values.length} times.`);
  return values[0];
}

/** The beginning of a day, UTC. */
function parseDay(filter: "before" | "after", value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const { year, month, day } = DATE.exec(value)?.groups ?? {};
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // A 31st of February is the 3rd of March to a calendar that forgives.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value) {
    throw invalid(`Expected a day such as ${EXAMPLES[filter]}, got ${quote(value)}.`);
  }
  return time;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(message: string): Refusal {
  return new Refusal("SEARCH_INVALID", message);
}
