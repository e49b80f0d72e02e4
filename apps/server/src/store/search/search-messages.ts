import { LIMITS, type Message } from "@multichat/protocol";
import { type SearchTerm, toPhrase } from "@multichat/protocol/search";
import type { ReadContext } from "../database/context.ts";
import type { FullTextPhrase, FullTextQuery } from "../database/dialect.ts";
import { getMeta } from "../database/meta.ts";
import { findMessagesByN } from "../messages/find-messages.ts";
import { authorLabel, EVERY_MESSAGE, roomLabel } from "./labels.ts";
import { monthLabelsBetween } from "./months.ts";
import { openCursor, sealCursor } from "./search-cursor.ts";

/** Candidates examined for one page: first a few, which mostly suffice, then the rest. */
const EXAMINED = [200, 4_800] as const;
/** Characters of the bodies in one page (UTF-16 units), beyond its first match. */
const MAX_PAGE_CHARS = 100_000;
/** As many as the longest query has. */
const MAX_TERMS = LIMITS.searchChars / 2;
/** Rooms or months that the index itself selects by; with more, the candidates are filtered afterwards. */
const MAX_LABELS = 50;

/** A parsed search. */
export interface MessageSearch {
  /** Each has to occur: a word, the beginning of one, or words that follow each other. At most `MAX_TERMS`. */
  readonly terms: readonly SearchTerm[];
  /** Only messages of these rooms are found; the caller has asked the policy for each. */
  readonly rooms: readonly string[];
  readonly from?: string | undefined;
  /** Milliseconds since 1970: after <= createdAt < before. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly viewer: string;
}

export interface MessageSearchPage {
  readonly found: readonly Message[];
  /** Where the next page starts; null: this is the last one. */
  readonly cursor: string | null;
  /** How long the thread of the searches was busy with it. */
  readonly tookMs: number;
}

export async function searchMessages(
  context: ReadContext,
  search: MessageSearch,
): Promise<MessageSearchPage | undefined> {
  const startedAt = performance.now();
  const page = await findPage(context, search);
  return page && { ...page, tookMs: performance.now() - startedAt };
}

async function findPage(
  context: ReadContext,
  search: MessageSearch,
): Promise<Omit<MessageSearchPage, "tookMs"> | undefined> {
  const key = await getMeta(context.db, "secret.search-cursor");
  if (key === undefined) throw new Error("expected the database to hold a key for search cursors");
  const below = search.cursor === undefined ? Number.MAX_SAFE_INTEGER : openCursor(search.cursor, key);
  if (below === undefined) return undefined;
  const query = await toFullTextQuery(context, search);
  if (query === undefined) return { found: [], cursor: null };
  const { ns, next } = await findMatches(context, query, { below, count: search.limit });
  const matches = await findMessagesByN(context, ns, search.viewer);
  const found = takeFitting(matches);
  const nextBelow = found.length < matches.length ? ns[found.length - 1] : next;
  return { found, cursor: nextBelow === undefined ? null : sealCursor(nextBelow, key) };
}

/** Returns the first messages that are not too long together, and at least one. */
function takeFitting(messages: readonly Message[]): readonly Message[] {
  let chars = 0;
  const end = messages.findIndex(({ body }, index) => {
    chars += body.length;
    return index > 0 && chars > MAX_PAGE_CHARS;
  });
  return end === -1 ? messages : messages.slice(0, end);
}

/** Finds at most `count` matches among the candidates examined for one page. `next`: where the next page starts. */
async function findMatches(
  context: ReadContext,
  query: Omit<FullTextQuery, "below" | "limit">,
  page: { readonly below: number; readonly count: number },
): Promise<{ readonly ns: readonly number[]; readonly next: number | undefined }> {
  const matches: number[] = [];
  let below = page.below;
  let hasMore = true;
  for (const limit of EXAMINED) {
    const candidates = await context.dialect.fullText.findCandidates(context, { ...query, below, limit });
    for (const { n, isMatch } of candidates) if (isMatch) matches.push(n);
    below = candidates.at(-1)?.n ?? below;
    hasMore = candidates.length === limit;
    if (!hasMore || matches.length > page.count) break;
  }
  const ns = matches.slice(0, page.count);
  if (matches.length > ns.length) return { ns, next: ns.at(-1) ?? below };
  return { ns, next: hasMore ? below : undefined };
}

/** Returns undefined where nothing can be found. */
async function toFullTextQuery(
  context: ReadContext,
  search: MessageSearch,
): Promise<Omit<FullTextQuery, "below" | "limit"> | undefined> {
  const { terms, rooms, from } = search;
  if (rooms.length === 0) return undefined;
  const phrases = terms
    .slice(0, MAX_TERMS)
    .flatMap((term): FullTextPhrase | readonly FullTextPhrase[] => toPhrase(term) ?? []);
  // Terms of punctuation alone match nothing; without the check they would match everything.
  if (terms.length > 0 && phrases.length === 0) return undefined;
  const months = await monthLabelsBetween(context, search);
  if (months?.length === 0) return undefined;
  const labels = [
    phrases.length === 0 ? [EVERY_MESSAGE] : [],
    rooms.map(roomLabel),
    from === undefined ? [] : [authorLabel(from)],
    months ?? [],
  ].filter((group) => group.length > 0 && group.length <= MAX_LABELS);
  const filter = {
    rooms,
    author: from,
    after: search.after ?? Number.MIN_SAFE_INTEGER,
    before: search.before ?? Number.MAX_SAFE_INTEGER,
  };
  return { phrases, labels, filter };
}
