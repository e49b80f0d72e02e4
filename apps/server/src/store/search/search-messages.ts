import { LIMITS, type Message } from "@multichat/protocol";
import { type SearchTerm, toPhrase } from "@multichat/protocol/search";
import type { ReadContext } from "../database/context.ts";
import type { FullTextCandidate, FullTextPhrase, FullTextQuery } from "../database/dialect.ts";
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
/** Labels that one query of the index selects by. With more rooms there are several queries, up to `MAX_ROOM_GROUPS`. */
const MAX_LABELS = 50;
/** With so many, each query selects by more labels. */
const MAX_ROOM_GROUPS = 20;

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

interface RoomsQuery extends Omit<FullTextQuery, "below" | "limit"> {
  /** The labels of the rooms, in groups. */
  readonly roomGroups: readonly (readonly string[])[];
}

/**
 * Finds at most `count` matches among the candidates examined for one page. `next`: where the next page starts. Both depend on
 * messages of the given rooms alone: where a page ends would otherwise reveal how much is written in the others.
 */
async function findMatches(
  context: ReadContext,
  query: RoomsQuery,
  page: { readonly below: number; readonly count: number },
): Promise<{ readonly ns: readonly number[]; readonly next: number | undefined }> {
  const { fullText } = context.dialect;
  if (query.roomGroups.length > 1) {
    // One query for all rooms mostly suffices: it fills the page, or has no more candidates. Otherwise they are found again without
    // those of other rooms. That examines at least what this query finds in the given rooms, so the page would be the same.
    const limit = EXAMINED[0];
    const candidates = await fullText.findCandidates(context, { ...query, below: page.below, limit });
    const ns = candidates.flatMap(({ n, isMatch }) => (isMatch ? [n] : []));
    if (ns.length > page.count) return { ns: ns.slice(0, page.count), next: ns[page.count - 1] };
    if (candidates.length < limit) return { ns, next: undefined };
  }
  const matches: number[] = [];
  let below = page.below;
  let hasMore = true;
  for (const limit of EXAMINED) {
    const examined = await findInRooms(context, query, { below, limit });
    for (const { n, isMatch } of examined.candidates) if (isMatch) matches.push(n);
    below = examined.candidates.at(-1)?.n ?? below;
    hasMore = examined.hasMore;
    if (!hasMore || matches.length > page.count) break;
  }
  const ns = matches.slice(0, page.count);
  if (matches.length > ns.length) return { ns, next: ns.at(-1) ?? below };
  return { ns, next: hasMore ? below : undefined };
}

/** Returns the newest candidates in the given rooms, newest first: `limit`, or fewer where a group of rooms has more than its share. */
async function findInRooms(
  context: ReadContext,
  { roomGroups, ...query }: RoomsQuery,
  { below, limit }: Pick<FullTextQuery, "below" | "limit">,
): Promise<{ readonly candidates: readonly FullTextCandidate[]; readonly hasMore: boolean }> {
  const share = Math.min(limit, Math.max(EXAMINED[0], Math.ceil(limit / roomGroups.length)));
  const found: FullTextCandidate[] = [];
  // Below it, a group may have candidates that were not read.
  let completeFrom = 0;
  for (const group of roomGroups) {
    const labels = [...query.labels, group];
    const newest = await context.dialect.fullText.findCandidates(context, { ...query, labels, below, limit: share });
    for (const candidate of newest) found.push(candidate);
    if (newest.length === share) completeFrom = Math.max(completeFrom, newest.at(-1)?.n ?? 0);
  }
  const candidates = found.filter(({ n }) => n >= completeFrom).sort((a, b) => b.n - a.n);
  return { candidates, hasMore: completeFrom > 0 };
}

function inGroups(labels: readonly string[]): readonly (readonly string[])[] {
  const size = Math.max(MAX_LABELS, Math.ceil(labels.length / MAX_ROOM_GROUPS));
  return Array.from({ length: Math.ceil(labels.length / size) }, (_, index) =>
    labels.slice(index * size, (index + 1) * size),
  );
}

/** Returns undefined where nothing can be found. */
async function toFullTextQuery(context: ReadContext, search: MessageSearch): Promise<RoomsQuery | undefined> {
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
    from === undefined ? [] : [authorLabel(from)],
    months ?? [],
  ].filter((group) => group.length > 0 && group.length <= MAX_LABELS);
  const filter = {
    rooms,
    author: from,
    after: search.after ?? Number.MIN_SAFE_INTEGER,
    before: search.before ?? Number.MAX_SAFE_INTEGER,
  };
  return { phrases, labels, filter, roomGroups: inGroups(rooms.map(roomLabel)) };
}
