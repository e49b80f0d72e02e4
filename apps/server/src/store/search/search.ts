import type { Message } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { listed } from "../database/json-values.ts";
import { getMeta } from "../database/meta.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { messagesAt } from "../messages/find-messages.ts";
import type { MessageSearch } from "../store.ts";
import { openCursor, sealCursor } from "./search-cursor.ts";
import { authorWord, EVERY, monthWords, roomWord } from "./search-index.ts";
import { wordsIn } from "./words.ts";

/** Messages looked at for one answer, at most: first a few, which mostly are enough, then the rest. */
const LOOKED_AT = [200, 4_800] as const;
const TERMS = 10;
/** Rooms and months that the index itself is asked for; with more, what it finds is sorted out afterwards. */
const WORDS_OF_PLACE = 50;

interface Candidate {
  n: number;
  fits: number;
}

interface Asked {
  match: string;
  below: number;
  limit: number;
  rooms: string;
  author: string | null;
  after: number;
  before: number;
}

const lookInIndex = prepared<Asked, Candidate>((db, hole) => ({
  compile: () =>
    sql<Candidate>`
      select c.n, (
        m.deleted_at is null and m.created_at >= ${hole("after")} and m.created_at < ${hole("before")}
        and m.room in ${listed(hole("rooms"))} and (${hole("author")} is null or m.author = ${hole("author")})
      ) as fits
      from (
        select rowid as n from message_search
        where message_search match ${hole("match")} and rowid < ${hole("below")}
        order by rowid desc limit ${hole("limit")}
      ) as c
      join message as m on m.n = c.n
      order by c.n desc`.compile(db),
}));

/**
 * Newest first. What is looked at for one answer is bounded; `cursor` says where it goes on. Undefined: the question's
 * cursor is none that a search has given.
 */
export async function search(
  db: Kysely<Tables>,
  question: MessageSearch,
): Promise<{ found: Message[]; cursor: string | null } | undefined> {
  const key = await getMeta(db, "secret.search-cursor");
  if (key === undefined) throw new Error("the database has no key for the cursors of searches");
  const start = question.cursor === undefined ? Number.MAX_SAFE_INTEGER : openCursor(question.cursor, key);
  if (start === undefined) return undefined;
  const match = await matchFor(db, question);
  if (match === undefined) return { found: [], cursor: null };
  const asked = {
    match,
    rooms: JSON.stringify(question.rooms),
    author: question.from ?? null,
    after: question.after ?? Number.MIN_SAFE_INTEGER,
    before: question.before ?? Number.MAX_SAFE_INTEGER,
  };
  const found: number[] = [];
  let below = start;
  let more = true;
  for (const limit of LOOKED_AT) {
    const candidates = await lookInIndex(db, { ...asked, below, limit });
    for (const { n, fits } of candidates) {
      if (fits === 1) found.push(n);
    }
    below = candidates.at(-1)?.n ?? below;
    more = candidates.length === limit;
    if (!more || found.length > question.limit) break;
  }
  const shown = found.slice(0, question.limit);
  if (found.length > shown.length) below = shown.at(-1) ?? below;
  const goesOn = more || found.length > shown.length;
  return {
    found: await messagesAt(db, shown, question.viewer),
    cursor: goesOn ? sealCursor(below, key) : null,
  };
}

/**
 * The question in the index's language, of words that `wordsIn` and this folder have made; undefined where nothing can
 * be found.
 */
async function matchFor(db: Kysely<Tables>, question: MessageSearch): Promise<string | undefined> {
  const { terms, rooms, from } = question;
  if (rooms.length === 0) return undefined;
  const said = terms.slice(0, TERMS).flatMap(({ text, kind }) => {
    const words = wordsIn(text);
    return words.length === 0 ? [] : [phrase(words, kind === "prefix")];
  });
  // Nothing but punctuation was asked for: that is not the same as everything.
  if (terms.length > 0 && said.length === 0) return undefined;
  const months = await monthWords(db, question);
  if (months?.length === 0) return undefined;
  const everywhere = said.length === 0 ? [EVERY] : [];
  const places = [everywhere, rooms.map(roomWord), from === undefined ? [] : [authorWord(from)], months ?? []].filter(
    (words) => words.length > 0 && words.length <= WORDS_OF_PLACE,
  );
  return [
    ...said.map((words) => `said : ${words}`),
    ...places.map((words) => `place : (${words.map((word) => phrase([word], false)).join(" OR ")})`),
  ].join(" AND ");
}

/** A prefix of one letter would be a good part of the index: it is taken for a word. */
function phrase(words: readonly string[], prefix: boolean): string {
  const last = words.at(-1) ?? "";
  return `"${words.join(" ")}"${prefix && [...last].length > 1 ? " *" : ""}`;
}
