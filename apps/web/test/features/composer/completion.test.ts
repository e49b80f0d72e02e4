import { expect, test } from "vitest";
import { EMOJI, findEmojiByName, searchEmoji } from "../../../src/components/emoji/emoji-table.ts";
import { applyCompletion, findCompletion, replaceShortcode } from "../../../src/features/composer/completion.ts";

/** Finds the completion at the caret, which is written as `|`. */
function completionAt(marked: string) {
  const caret = marked.indexOf("|");
  return findCompletion(marked.replace("|", ""), caret);
}

test.each([
  ["@|", "person", ""],
  ["hello @an|", "person", "an"],
  ["(@Ün|", "person", "Ün"],
  ["hello @an| and more", "person", "an"],
  ["see #|", "room", ""],
  ["see #gen|", "room", "gen"],
  ["nice :smi|", "emoji", "smi"],
  [":smi|", "emoji", "smi"],
])("completes %j as a %s", (marked, kind, query) => {
  expect(completionAt(marked)).toEqual({ kind, query, from: marked.indexOf("|") - query.length - 1 });
});

test.each([
  "me@example|",
  "@@|a",
  "hello @ann |",
  "|@ann",
  "a#b|",
  "# heading|",
  "##|",
  "10:30|",
  ":D|",
  "::ab|",
  "x|",
])("finds nothing to complete in %j", (marked) => {
  expect(completionAt(marked)).toBeUndefined();
});

function completeWith(marked: string, chosen: string): string {
  const text = marked.replace("|", "");
  const completion = findCompletion(text, marked.indexOf("|"));
  if (completion === undefined) throw new Error(`expected a completion in ${marked}`);
  const edited = applyCompletion(text, completion, chosen);
  return `${edited.text.slice(0, edited.caret)}|${edited.text.slice(edited.caret)}`;
}

test("replaces the partial name by the chosen one and moves the caret behind it", () => {
  expect(completeWith("hello @an|", "@ann")).toBe("hello @ann |");
  expect(completeWith("hello @an| there", "@ann")).toBe("hello @ann |there");
  expect(completeWith("#gen|!", "#General")).toBe("#General |!");
});

test("replaces a shortcode by its emoji when it is closed", () => {
  expect(replaceShortcode("so :heart:", 10, findEmojiByName)).toEqual({ text: "so ❤️", caret: 5 });
  expect(replaceShortcode("so :nothing:", 12, findEmojiByName)).toBeUndefined();
  expect(replaceShortcode("10:30:", 6, () => "x")).toBeUndefined();
});

test("lists only emoji that the server accepts, with unique names", () => {
  const names = EMOJI.flatMap((emoji) => emoji.names);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(EMOJI.map(({ emoji }) => emoji)).size).toBe(EMOJI.length);
  for (const { emoji, names: own } of EMOJI) {
    expect(emoji, own[0]).toMatch(/^\p{RGI_Emoji}$/v);
    for (const name of own) expect(name).toMatch(/^[a-z0-9_+-]{2,24}$/);
  }
});

test("finds emoji by the beginning of a name first, then by any part of it", () => {
  expect(searchEmoji("heart", 5)[0]?.emoji).toBe("❤️");
  expect(searchEmoji("face", 50).length).toBeGreaterThan(0);
  expect(searchEmoji("thumbs", 2).map(({ emoji }) => emoji)).toEqual(["👍", "👎"]);
  expect(searchEmoji("zzzz", 5)).toEqual([]);
});

test.each([
  ["thumbsup", "👍"],
  ["thumbs_up", "👍"],
  ["thumbs-up", "👍"],
  ["Thumbs Up", "👍"],
  ["thumbs_", "👍"],
  ["+1", "👍"],
  ["-1", "👎"],
  ["thumbsdown", "👎"],
  ["tearsofjoy", "😂"],
  ["brokenheart", "💔"],
  ["hearteyes", "😍"],
  ["eye-roll", "🙄"],
  ["sweatsmile", "😅"],
])("finds an emoji however the words of its name are divided: %s", (query, emoji) => {
  expect(searchEmoji(query, 1)[0]?.emoji).toBe(emoji);
  if (!query.endsWith("_")) expect(findEmojiByName(query)).toBe(emoji);
});

test("no two emoji have names that differ only in how their words are divided", () => {
  const owners = EMOJI.flatMap(({ emoji, names }) => names.map((name) => [findEmojiByName(name), emoji]));
  for (const [found, emoji] of owners) expect(found).toBe(emoji);
});
