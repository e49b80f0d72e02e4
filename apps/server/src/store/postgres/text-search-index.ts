import { type RawBuilder, sql } from "kysely";
import type { FullTextCandidate, FullTextIndex, FullTextPhrase, FullTextQuery } from "../database/dialect.ts";

/**
 * Bytes are what Postgres limits (2,046), and a character has at most four. Longer words are found by their beginning, and
 * compared as a whole afterwards.
 */
const MAX_LEXEME_CHARS = 250;

/** Sets labels apart from words, which hold letters, digits and marks alone. */
const LABEL_MARK = "=";

/**
 * A row per message with its labels and different words as a `tsvector`, made by us and not by one of Postgres's parsers, and its
 * words in order. The vector finds the messages that have all words; the text then decides about the order, because a vector
 * forgets positions beyond the 256th of a word and beyond the 16,383rd of all.
 */
export const textSearchIndex: FullTextIndex = {
  async replace({ db }, entries) {
    const rows = entries.map(({ n, labels, words }) => ({
      n,
      lexemes: [...new Set([...labels.map((label) => LABEL_MARK + label), ...words.map(toLexeme)])],
      words: ` ${words.join(" ")} `,
    }));
    await sql`
      insert into message_search (n, lexemes, words)
      select
        n,
        (select array_to_tsvector(array_agg(lexeme)) from json_array_elements_text(lexemes) as lexeme),
        words
      from json_to_recordset(${JSON.stringify(rows)}::json) as entry (n bigint, lexemes json, words text)
      on conflict (n) do update set lexemes = excluded.lexemes, words = excluded.words`.execute(db);
  },

  async delete({ db }, n) {
    await sql`delete from message_search where n = ${n}`.execute(db);
  },

  async findCandidates({ db, dialect }, query): Promise<readonly FullTextCandidate[]> {
    const { below, limit, filter, phrases } = query;
    const { rows } = await sql<{ n: number; is_match: number }>`
      select c.n, (
        m.deleted_at is null and m.created_at >= ${filter.after} and m.created_at < ${filter.before}
        and m.room in ${dialect.jsonElements(sql.val(JSON.stringify(filter.rooms)))}
        ${filter.author === undefined ? sql`` : sql`and m.author = ${filter.author}`}
        ${sql.join(phrases.flatMap(toOrderCheck), sql``)}
      ) as is_match
      from (
        select n, words from message_search
        where lexemes @@ ${toVectorQuery(query)}::tsquery and n < ${below}
        order by n desc limit ${limit}
      ) as c
      join message as m on m.n = c.n
      order by c.n desc`.execute(db);
    return rows.map(({ n, is_match }) => ({ n, isMatch: is_match === 1 }));
  },
};

function toVectorQuery({ phrases, labels }: FullTextQuery): string {
  return [...phrases.map(toAlternatives), ...labels.map(toLabelGroup)].join(" & ");
}

/** In the notation of a `tsquery`. Words and labels have no character that would have to be escaped in it. */
function toAlternatives({ words, otherWords, isPrefix }: FullTextPhrase): string {
  const first = toConjunction(words, { isPrefix });
  return otherWords === undefined ? first : `(${first} | ${toConjunction(otherWords, { isPrefix })})`;
}

function toConjunction(words: readonly string[], { isPrefix }: Pick<FullTextPhrase, "isPrefix">): string {
  const lexemes = words.map(
    (word, index) => `'${toLexeme(word)}'${isPrefix && index === words.length - 1 ? ":*" : ""}`,
  );
  return `(${lexemes.join(" & ")})`;
}

function toLabelGroup(group: readonly string[]): string {
  return `(${group.map((label) => `'${LABEL_MARK}${label}'`).join(" | ")})`;
}

/**
 * A condition of a match, and not of a candidate: a search for frequent words that never follow each other would read every
 * message that has them. Returns nothing where the vector alone decides: for single words of usual length.
 */
function toOrderCheck({ words, otherWords, isPrefix }: FullTextPhrase): RawBuilder<boolean>[] {
  const all = otherWords === undefined ? [words] : [words, otherWords];
  if (all.every(({ length, 0: word = "" }) => length === 1 && toLexeme(word) === word)) return [];
  const checks = all.map((each) => sql<boolean>`strpos(c.words, ${` ${each.join(" ")}${isPrefix ? "" : " "}`}) > 0`);
  return [sql<boolean>`and (${sql.join(checks, sql` or `)})`];
}

/** Returns the beginning of a long word, by whole characters. */
function toLexeme(word: string): string {
  return word.length <= MAX_LEXEME_CHARS ? word : [...word].slice(0, MAX_LEXEME_CHARS).join("");
}
