import { sql } from "kysely";
import type { FullTextCandidate, FullTextIndex, FullTextPhrase, FullTextQuery } from "../database/dialect.ts";
import { prepared } from "../database/prepared.ts";

const insertRow = prepared<{ n: number; labels: string; words: string }, never>((db, param) => ({
  compile: () =>
    sql<never>`
      insert into message_search (rowid, place, said)
      values (${param("n")}, ${param("labels")}, ${param("words")})`.compile(db),
}));

const deleteRow = prepared<{ n: number }, never>((db, param) => ({
  compile: () => sql<never>`delete from message_search where rowid = ${param("n")}`.compile(db),
}));

interface CandidateArgs {
  match: string;
  below: number;
  limit: number;
  rooms: string;
  author: string | null;
  after: number;
  before: number;
}

const selectCandidates = prepared<CandidateArgs, { n: number; is_match: number }>((db, param, dialect) => ({
  compile: () =>
    sql<{ n: number; is_match: number }>`
      select c.n, (
        m.deleted_at is null and m.created_at >= ${param("after")} and m.created_at < ${param("before")}
        and m.room in ${dialect.jsonElements(param("rooms"))}
        and (${param("author")} is null or m.author = ${param("author")})
      ) as is_match
      from (
        select rowid as n from message_search
        where message_search match ${param("match")} and rowid < ${param("below")}
        order by rowid desc limit ${param("limit")}
      ) as c
      join message as m on m.n = c.n
      order by c.n desc`.compile(db),
}));

/** An FTS5 table with a column for the labels (`place`) and one for the words (`said`) of each message. */
export const fts5Index: FullTextIndex = {
  async replace(context, entries) {
    for (const { n, labels, words } of entries) {
      await deleteRow(context, { n });
      await insertRow(context, { n, labels: labels.join(" "), words: words.join(" ") });
    }
  },
  async delete(context, n) {
    await deleteRow(context, { n });
  },
  async findCandidates(context, query): Promise<readonly FullTextCandidate[]> {
    const { below, limit, filter } = query;
    const rows = await selectCandidates(context, {
      match: toMatch(query),
      below,
      limit,
      rooms: JSON.stringify(filter.rooms),
      author: filter.author ?? null,
      after: filter.after,
      before: filter.before,
    });
    return rows.map(({ n, is_match }) => ({ n, isMatch: is_match === 1 }));
  },
};

/** Returns the query in FTS5's language. Words hold letters, digits and marks alone, so none needs escaping. */
function toMatch({ phrases, labels }: FullTextQuery): string {
  return [
    ...phrases.map((phrase) => `said : ${toAlternatives(phrase)}`),
    ...labels.map((group) => `place : (${group.map((label) => `"${label}"`).join(" OR ")})`),
  ].join(" AND ");
}

function toAlternatives({ words, otherWords, isPrefix }: FullTextPhrase): string {
  const phrase = toPhrase(words, { isPrefix });
  return otherWords === undefined ? phrase : `(${phrase} OR ${toPhrase(otherWords, { isPrefix })})`;
}

function toPhrase(words: readonly string[], { isPrefix }: Pick<FullTextPhrase, "isPrefix">): string {
  return `"${words.join(" ")}"${isPrefix ? " *" : ""}`;
}
