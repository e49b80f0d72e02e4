import { expect, test } from "vitest";
import {
  applyCompletion,
  findCompletion,
  replaceShortcode,
  replaceShortcodes,
} from "../../../src/features/composer/completion.ts";
import { expandShrug } from "../../../src/features/composer/message-body.ts";
import { EmojiCatalog, loadEmojiCatalog } from "../../../src/features/emoji/emoji-catalog.ts";
import { EMOJI } from "../../../src/features/emoji/emoji-table.ts";

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
  ["你好#gen|", "room", "gen"],
  ["＃gen|", "room", "gen"],
  ["한국#gen|", "room", "gen"],
  ["①#gen|", "room", "gen"],
  ["你好:smi|", "emoji", "smi"],
  ["ไทย:smi|", "emoji", "smi"],
  ["葛󠄀@an|", "person", "an"],
  ["①@an|", "person", "an"],
  ["＠jean＿l|", "person", "jean＿l"],
  ["@o－n|", "person", "o－n"],
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

const catalog = new EmojiCatalog("en");
const findEmojiByName = (name: string) => catalog.findByName(name);
const searchEmoji = (query: string, count: number) => catalog.search(query, count);

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

test("lists every emoji of Unicode once, each as the server accepts it, with a name and a label", () => {
  const all = Object.values(catalog.groups).flat();
  expect(all.length).toBeGreaterThan(1_800);
  expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length);
  for (const { emoji, names, label, tones } of all) {
    expect(names.length, emoji).toBeGreaterThan(0);
    expect(label, emoji).not.toBe("");
    for (const one of [emoji, ...tones]) expect(one).toMatch(/^\p{RGI_Emoji}$/v);
  }
  expect(catalog.find("👋")?.tones).toEqual(["👋🏻", "👋🏼", "👋🏽", "👋🏾", "👋🏿"]);
  expect(catalog.find("👋🏽")?.emoji).toBe("👋");
  expect(catalog.find("🎉")?.tones).toEqual([]);
});

test("finds emoji in Arabic, with or without vowel marks and hamzas, and in English beside it", async () => {
  const arabic = await loadEmojiCatalog("ar");
  for (const [query, emoji] of [
    ["قلب أحمر", "❤️"],
    ["قلب احمر", "❤️"],
    ["حفلة", "🎉"],
    ["حفله", "🎉"],
    ["tada", "🎉"],
    ["السودان", "🇸🇩"],
    ["تلويح", "👋"],
  ] as const) {
    expect(
      arabic.search(query, 8).map((match) => match.emoji),
      query,
    ).toContain(emoji);
  }
  expect(arabic.describe("🎉")).toBe("فرقعة حفلة");
  expect(catalog.describe("🎉")).toBe("party popper");
});

test.each([
  ["done :tada: now", "done 🎉 now"],
  [":tada::tada:", "🎉🎉"],
  ["`:tada:` :tada:", "`:tada:` 🎉"],
  ["```\n:tada:\n```\n:tada:", "```\n:tada:\n```\n🎉"],
  ["https://a.example/:tada:/x", "https://a.example/:tada:/x"],
  ["[x](https://a.example/?q=:tada:)", "[x](https://a.example/?q=:tada:)"],
  ["10:30:45 and a:tada:b", "10:30:45 and a:tada:b"],
  [":nothing: :)", ":nothing: :)"],
  ["||:tada:||", "||🎉||"],
])("replaces all shortcodes outside of code and addresses: %j", (text, expected) => {
  expect(replaceShortcodes(text, findEmojiByName)).toBe(expected);
});

test.each(["`:tada:", "`a` `:tada:", "```\n:tada:", "``a ` :tada:", "> ```js\n> :tada:"])(
  "replaces no shortcode while code is typed: %j",
  (text) => {
    expect(replaceShortcode(text, text.length, findEmojiByName)).toBeUndefined();
    expect(findCompletion(text.slice(0, -2), text.length - 2)).toBeUndefined();
  },
);

test("replaces a shortcode after code", () => {
  expect(replaceShortcode("`a` :tada:", 10, findEmojiByName)?.text).toBe("`a` 🎉");
});

test.each([
  ["/shrug", "¯\\_(ツ)_/¯"],
  ["/shrug no idea", "no idea ¯\\_(ツ)_/¯"],
  ["/shrugged", "/shrugged"],
  ["a /shrug", "a /shrug"],
  ["/unknown", "/unknown"],
])("the command in %j makes %j", (text, expected) => {
  expect(expandShrug(text)).toBe(expected);
});
