import { Refusal } from "../access/refusal.ts";
import { hasWords, type MessageSearch } from "../store/store.ts";

/** A parsed search whose names are not resolved yet. */
export interface SearchQuery {
  readonly terms: MessageSearch["terms"];
  /** Titles, numbers or ids of rooms; a result is in one of them. */
  readonly in: readonly string[];
  readonly from: string | undefined;
  /** Milliseconds since the epoch. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

const MAX_TERMS = 10;
const FILTERS = ["in", "from", "before", "after"] as const;
type Filter = (typeof FILTERS)[number];

/** Matches one word, phrase or filter: an optional filter name, then text in quotes or up to the next space. */
const TOKEN =
  /(?:(?<filter>in|from|before|after):)?(?:"(?<quoted>[^"]*)"|(?<unpaired>")|(?<plain>[^\s"]+))?(?<rest>\s*)/iuy;
/** Quotation marks that keyboards type in place of the straight one. */
const TYPED_QUOTE = /[\u201c-\u201f\uff02]/gu;
/** A prefix ends with stars, which other punctuation may follow. */
const PREFIX = /^(?<text>.*?)\*+[^\p{L}\p{N}\p{M}\p{So}*]*$/su;
const DATE = /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/;

/**
 * Parses words, "phrases", prefix*, and the filters in:, from:, before: and after:, whose values may be quoted. Other
 * punctuation only separates words, because the index holds none: any text of a message can be pasted as a query.
 * @throws Refusal SEARCH_INVALID, whose message says what was expected.
 */
export function parseSearch(query: string): SearchQuery {
  const text = query.replace(TYPED_QUOTE, '"');
  const terms: MessageSearch["terms"][number][] = [];
  const filters: Record<Filter, string[]> = { in: [], from: [], before: [], after: [] };
  TOKEN.lastIndex = 0;
  for (let index = 0; index < text.length; index = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    const { filter, quoted, unpaired, plain } = match?.groups ?? {};
    if (match === null || match[0] === "") throw invalid(`Expected words, got ${quote(text.slice(index))}.`);
    if (filter !== undefined && unpaired !== undefined) {
      throw invalid(`Expected a second quotation mark after ${quote(text.slice(index))}.`);
    }
    const value = quoted ?? plain;
    if (filter !== undefined) filters[filter.toLowerCase() as Filter].push(parseFilterValue(filter, value));
    else if (value !== undefined && hasWords(value)) terms.push(parseTerm(value, { quoted: quoted !== undefined }));
  }
  // Filters alone are a search for everything that passes them.
  if (terms.length === 0 && Object.values(filters).every((values) => values.length === 0)) {
    const got = text.trim() === "" ? "" : `, got ${quote(text.trim())}`;
    throw invalid(`Expected a word or an emoji to look for, or a filter such as from:alice${got}.`);
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

function parseTerm(value: string, { quoted }: { readonly quoted: boolean }): MessageSearch["terms"][number] {
  if (quoted) return { text: value.trim(), kind: "phrase" };
  const prefix = PREFIX.exec(value)?.groups?.text;
  return prefix !== undefined && hasWords(prefix) ? { text: prefix, kind: "prefix" } : { text: value, kind: "word" };
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

/** Returns the beginning of a day, UTC. */
function parseDay(filter: "before" | "after", value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const { year, month, day } = DATE.exec(value)?.groups ?? {};
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // `Date` turns the 31st of February into the 3rd of March.
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
