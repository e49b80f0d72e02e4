import { readQuery, type SearchFilter } from "@multichat/protocol/search";
import { Refusal } from "../access/refusal.ts";
import type { MessageSearch } from "../store/store.ts";

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

/** A prefix costs more than a word: it stands for all words that begin with it. Further ones are searched for as words. */
const MAX_PREFIXES = 10;
const DATE = /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/;

/**
 * Parses a query; see `readQuery` for what it can hold.
 * @throws Refusal SEARCH_INVALID, whose message says what was expected.
 */
export function parseSearch(query: string): SearchQuery {
  const terms: MessageSearch["terms"][number][] = [];
  let prefixes = 0;
  const filters: Record<SearchFilter, string[]> = { in: [], from: [], before: [], after: [] };
  for (const part of readQuery(query)) {
    if (part.kind === "filter") filters[part.filter].push(part.value);
    else if (part.term.kind !== "prefix") terms.push(part.term);
    else {
      prefixes += 1;
      terms.push(prefixes > MAX_PREFIXES ? { ...part.term, kind: "word" } : part.term);
    }
  }
  // Filters alone are a search for everything that passes them.
  if (terms.length === 0 && Object.values(filters).every((values) => values.length === 0)) {
    const got = query.trim() === "" ? "" : `, got ${quote(query.trim())}`;
    throw invalid(`Expected a word or an emoji to look for, or a filter such as from:alice${got}.`);
  }
  return {
    terms,
    in: filters.in,
    from: atMostOne("from", filters.from),
    before: parseDay("before", atMostOne("before", filters.before)),
    after: parseDay("after", atMostOne("after", filters.after)),
  };
}

function atMostOne(filter: SearchFilter, values: readonly string[]): string | undefined {
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
    throw invalid(`Expected a day such as ${filter}:2026-01-31, got ${quote(value)}.`);
  }
  return time;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function invalid(message: string): Refusal {
  return new Refusal("SEARCH_INVALID", message);
}
