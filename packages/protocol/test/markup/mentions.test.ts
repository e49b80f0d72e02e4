import fc from "fast-check";
import { expect, test } from "vitest";
import {
  findMentionCandidates,
  MENTION_ALL,
  mightMentionAll,
  normalizeName,
  parseMarkup,
  splitMention,
} from "../../src/markup/index.ts";
import { cpuTimeMs } from "../support/cpu-time.ts";
import { read } from "./notation.ts";

/** Returns who is mentioned, as a server with these users finds it. */
function mentioned(text: string, users: readonly string[] = ["alice", "bob", "al", "all"]): string[] {
  const keys = new Set(users.map(normalizeName));
  const names = findMentionCandidates(text).map((candidates) => candidates.find((name) => keys.has(name)));
  return [...new Set(names.filter((name) => name !== undefined))];
}

test.each([
  ["@İLKER", "ilker"],
  ["@ilker", "İlker"],
  ["@I\u0307lker hi", "ilker"],
  ["@ılker", "İlker"],
  ["请@İLKER看", "ilker"],
  ["@İlker!", "ILKER"],
  ["(@DİLEK)", "dilek"],
  ["@dilek", "DİLEK"],
  ["@Işıl", "ışıl"],
  ["@ali, @x", "ALİ"],
])("a name in Turkish case is one name: %s mentions %s", (text, user) => {
  expect(mentioned(text, [user])).toEqual([normalizeName(user)]);
});

test.each([
  "`@alice`",
  "`` a ` @alice ``",
  "```\n@alice\n```",
  "```js\n// @alice\n",
  "~~~\n@alice\n~~~",
  "> ```\n> @alice\n> ```",
  "- ```\n  @alice\n  ```",
  "\\@alice",
  "hello \\@alice!",
  "你好\\@alice",
  "https://a.org/@alice",
  "https://a.org/@alice/1",
  "(https://a.org/x?by=@alice)",
  "https://a.org/(@alice)",
  "[https://a.org/@alice](https://a.org/@alice)",
  "[x](https://a.org/@alice)",
  "[@alice](https://a.org)",
  "https://alice@a.org/@alice",
  `https://a.org/${"a".repeat(5_000)}/@alice`,
  "`@all`",
  "```\n@all @alice\n```",
  "mail@alice.org",
  "foo@alice",
  "foo.@alice",
  "foo-_@alice",
  "müller@alice",
  "почта@alice",
  "1@alice",
  "@alicexx",
  "@al1ce",
  "@alice.bob",
  "@ alice",
  "@-alice",
  "@",
  "alice",
  "用户@alice.org",
])("what is no mention for the page is none for the server: %j", (text) => {
  expect(mentioned(text)).toEqual([]);
});

test.each([
  ["@alice", ["alice"]],
  ["_@alice_", ["alice"]],
  ["__@alice__", ["alice"]],
  ["*@alice*", ["alice"]],
  ["**@alice**", ["alice"]],
  ["~~@alice~~", ["alice"]],
  ["**_@alice_**", ["alice"]],
  ["_@alice, @bob_", ["alice", "bob"]],
  ["> @alice", ["alice"]],
  ["- @alice\n- @bob", ["alice", "bob"]],
  ["1. @alice", ["alice"]],
  ["`code` @alice `code`", ["alice"]],
  ["`unclosed @alice", ["alice"]],
  ["```\ncode\n```\n@alice", ["alice"]],
  ["`` @alice `", ["alice"]],
  ["[@alice] (x)", ["alice"]],
  ["[@alice](not an address)", ["alice"]],
  ["https://a.org/x，@alice", ["alice"]],
  ["@alice: https://a.org/@bob", ["alice"]],
  ["@alice, @bob", ["alice", "bob"]],
  ["@alice-@bob", ["alice", "bob"]],
  ["@alice/@bob", ["alice", "bob"]],
  ["@alice_@bob", ["alice", "bob"]],
  [".@alice", ["alice"]],
  ["@alice...", ["alice"]],
  ["@alice...and", ["alice"]],
  ["@alice's", ["alice"]],
  ["@Ａlice", ["alice"]],
  ["@ALL", ["all"]],
  ["❤️@alice", ["alice"]],
  ["1️⃣@alice", ["alice"]],
  ["**`x`**@alice", ["alice"]],
])("what is a mention for the page is one for the server: %j", (text, names) => {
  expect(mentioned(text)).toEqual(names);
});

test.each([
  "你好@alice 请看",
  "你好@alice，请看",
  "こんにちは@alice",
  "こんにちは@aliceさん",
  "コーヒー@alice",
  "請@alice看一下",
  "请@alice看一下",
  "请@ALICE看一下",
  "＠alice",
  "你好＠alice你好",
  "﹫alice",
  "@alice看一下这个很长的句子，没有空格也没有别的标点符号可以把名字和后面的文字分开所以要靠词典",
  `@alice${"看".repeat(200)}`,
  "@alice님 안녕하세요",
  "안녕@alice님",
  "@alice는",
  "สวัสดี@aliceครับ",
  "ສະບາຍດີ@alice",
  "សួស្តី@aliceបង",
  "မင်္ဂလာပါ@aliceရေ",
  "བཀྲ་ཤིས་@alice",
  "ו@alice",
  "و@alice",
  "「@alice」",
  "（@alice）",
  "@alice、@alice",
  "**请@alice看**",
  "你好@alice。",
  "你好@alice-请看",
  "你好@alice_请看",
  "@alice２番",
])("words without spaces: a name ends where the script changes: %j", (text) => {
  expect(mentioned(text, ["alice", "alic"])).toEqual(text === "@alice２番" ? [] : ["alice"]);
});

test.each([
  ["@志明看一下", ["志明"], ["志明"]],
  ["@志明看一下", ["志明", "志明看"], ["志明看"]],
  ["请@志明和@小红看", ["志明", "小红"], ["志明", "小红"]],
  ["@김철수님 안녕", ["김철수", "김"], ["김철수"]],
  ["@สมชายครับ", ["สมชาย"], ["สมชาย"]],
  ["@さくらさん", ["さくら"], ["さくら"]],
  ["@alice看", ["alice", "alice看"], ["alice看"]],
  ["@all看", ["all"], ["all"]],
  ["@राम, देखो", ["राम"], ["राम"]],
  ["@Ünal-2", ["ünal-2", "ünal"], ["ünal-2"]],
  ["@a.b-c_d.", ["a.b-c_d"], ["a.b-c_d"]],
  ["@alice_ ok", ["alice", "alice_"], ["alice_"]],
  ["@alice_", ["alice_"], ["alice_"]],
  ["_@alice_", ["alice", "alice_"], ["alice"]],
  ["@STRASSE", ["straße"], ["strasse"]],
  [`@${"a".repeat(65)}`, ["a".repeat(64)], []],
])("the longest name that exists is meant: %j among %j", (text, users, names) => {
  expect(mentioned(text, users)).toEqual(names);
});

test("names in any script are found in sentences of any script, at any place", () => {
  const scripts = [
    "你好",
    "こんにちは",
    "カタカナー",
    "안녕",
    "สวัสดี",
    "ສະບາຍ",
    "、",
    "。",
    "（",
    "！",
    "🎉",
    "❤️",
    " ",
    "\n",
    "",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...scripts),
      fc.constantFrom(...scripts),
      fc.constantFrom("@", "＠"),
      (before, after, at) => {
        expect(mentioned(`${before}${at}alice${after}`)).toEqual(["alice"]);
        // Directly after a Latin word, an at sign belongs to the word.
        const both = after === "" ? ["alice"] : ["alice", "bob"];
        expect(mentioned(`${before}${at}alice${after}${at}bob${after}`)).toEqual(both);
        expect(mentioned(`\`${before}${at}alice${after}\``)).toEqual([]);
      },
    ),
    { numRuns: 1_000 },
  );
});

/** Returns the texts of the mention nodes in any part of the tree. */
function candidatesIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(candidatesIn);
  if (typeof node !== "object" || node === null) return [];
  if ("kind" in node && node.kind === "mention" && "text" in node) return [String(node.text)];
  return Object.values(node).flatMap(candidatesIn);
}

test("the page shows as a mention exactly what the server found", () => {
  const users = ["alice", "bob", "al", "志明", "김", "alice_a", "alice_", "a_a"];
  const pieces = fc.constantFrom(
    ..."@ @alice @bob @nobody @志明 志明 ＠ \\ \\_ _a ＿ \u00ad ` ``` * ** _ ~~ [ ]( https://a.org/ ) 看 님 . - a 1 \n > ，".split(
      " ",
    ),
    " ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      const text = parts.join("");
      const found = new Set(mentioned(text, users));
      const shown = new Set<string>();
      for (const candidate of candidatesIn(parseMarkup(text))) {
        const split = splitMention(candidate, (name) => found.has(name));
        if (split === undefined) continue;
        shown.add(split.name);
        expect(split.mention + split.rest).toBe(candidate);
      }
      expect(shown).toEqual(found);
    }),
    { numRuns: 5_000 },
  );
});

test("a message of very many names is bounded", () => {
  const candidates = findMentionCandidates(Array.from({ length: 2_000 }, (_, i) => `@name${i}`).join(" "));
  expect(candidates).toHaveLength(50);
  const han = Array.from({ length: 200 }, (_, i) => `@${String.fromCodePoint(0x4e00 + i)}${"看".repeat(70)}`).join(" ");
  expect(findMentionCandidates(han).flat().length).toBeLessThanOrEqual(500);
});

const LONG_PUNCTUATION = [".", "_", "-", "._-", "..", "__", "-_", "._"].map((part) => part.repeat(9_000 / part.length));

test.each(LONG_PUNCTUATION.map((punctuation) => [punctuation.slice(0, 3), punctuation] as const))(
  "punctuation of any length after a name (%s…) adds no more names than a name has characters",
  (_, punctuation) => {
    for (const name of ["alice", "a", "ﷺ", "ﷺ".repeat(64), "日本", "a".repeat(64)]) {
      const [candidates = []] = findMentionCandidates(`@${name}${punctuation}`);
      expect(candidates.length).toBeLessThanOrEqual(65);
      expect(candidates).toContain(normalizeName(name));
      const asked: string[] = [];
      const isName = (key: string) => asked.push(key) > 0 && key === normalizeName(name);
      expect(splitMention(`@${name}${punctuation}`, isName)?.rest).toBe(punctuation);
      expect(asked.length).toBeLessThanOrEqual(65);
    }
  },
);

test("a text that mentions everyone is never overlooked before it is parsed", () => {
  for (const text of ["@all", "＠ALL", "@ａｌｌ", "@aｌl", "你好@all们", "@𝐚𝐥𝐥", "﹫all"]) {
    expect(findMentionCandidates(text).flat(), text).toContain(MENTION_ALL);
    expect(mightMentionAll(text), text).toBe(true);
  }
  for (const text of ["", "all", "@alice", "@bob", "me@example.org"]) expect(mightMentionAll(text), text).toBe(false);
});

test("keeps a candidate whole, with the punctuation that may belong to the name", () => {
  expect(read("@alice_ and @bob.")).toBe("<@alice_> and <@bob.>");
  expect(read("_@alice_ ok")).toBe("<emphasis <@alice>> ok");
});

test.each<[text: string, users: string[], names: string[]]>([
  ["@jean\\_luc", ["jean", "jean_luc"], ["jean_luc"]],
  ["@jean\\_luc", ["jean_luc"], ["jean_luc"]],
  ["@jean\\_luc", ["jean", "luc"], []],
  ["请@jean\\_luc看", ["jean", "jean_luc"], ["jean_luc"]],
  ["@a\\_b\\_c!", ["a", "a_b", "a_b_c"], ["a_b_c"]],
  // Who escapes one underscore of a name escapes all of them: this backslash is shown.
  ["@a\\_b_c", ["a", "a_b_c"], []],
  ["@a_b\\_c", ["a", "a_b", "a_b_c"], []],
  ["@a_\\_b", ["a", "a__b"], ["a__b"]],
  ["**@jean\\_luc**", ["jean", "jean_luc"], ["jean_luc"]],
  ["@jean\\_luc\\_", ["jean", "jean_luc"], ["jean_luc"]],
  ["@jean\\_luc, @bob\\_x", ["jean", "jean_luc", "bob", "bob_x"], ["jean_luc", "bob_x"]],
  ["C:\\@jean\\_luc", ["jean"], []],
  ["\\x@jean\\_luc", ["jean"], []],
  ["\\@jean\\_luc", ["jean", "jean_luc"], []],
])("a name with escaped underscores is that name: %j", (text, users, names) => {
  expect(mentioned(text, users)).toEqual(names);
});

test.each<[text: string, users: string[], names: string[]]>([
  ["@jean＿luc", ["jean", "jean_luc"], ["jean_luc"]],
  ["@jean＿luc", ["jean"], []],
  ["＠ｊｅａｎ＿ｌｕｃ", ["jean", "jean_luc"], ["jean_luc"]],
  ["@o－neil", ["o", "o-neil"], ["o-neil"]],
  ["＠ａ．ｂ", ["a", "a.b"], ["a.b"]],
  ["@ａ﹒ｂ", ["a", "a.b"], ["a.b"]],
  ["@a﹍b", ["a", "a_b"], ["a_b"]],
  ["@a﹣b", ["a", "a-b"], ["a-b"]],
  ["你好＠ｊｅａｎ＿ｌｕｃ你好", ["jean", "jean_luc"], ["jean_luc"]],
  ["@alice．", ["alice"], ["alice"]],
  ["@alice＿ ok", ["alice"], ["alice"]],
  ["@alice．你好", ["alice"], ["alice"]],
  ["_@ａ．ｂ_", ["a", "a.b"], ["a.b"]],
])("a name in other widths is that name: %j", (text, users, names) => {
  expect(mentioned(text, users)).toEqual(names);
});

test.each([
  ...["①@alice ②@bob", "@alice① @bob② ", "❶@alice @bob", "Ⅳ@alice Ⅴ@bob", "½@alice ¾@bob", "²@alice ³@bob"],
  ...["@alice² @bob³", "@alice½ @bob⅓", "㉑@alice ㉒@bob", "@aliceⅣ @bobⅸ", "1️⃣@alice2️⃣@bob", "@alice1️⃣ @bob2️⃣"],
  ...["@alice1⃣@bob", "@alice❤️@bob", "葛󠄀@alice 辻󠄀@bob", "﨑︀@alice 神︀@bob", "☎︎@alice ☎️@bob", "@alice#️⃣ @bob"],
  ...["ᬅ@alice ᬅ@bob", "𗀀@alice𗀀@bob", "ꨀ@aliceꨀ@bob", "𑄀@alice𑄀@bob", "ᨀ@aliceᨀ@bob", "𛅰@alice𛅰@bob"],
])("numbers, emoji and letters that no name beside them can hold: %j", (text) => {
  expect(mentioned(text)).toEqual(["alice", "bob"]);
});

test.each([
  "\u00ad",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u034f",
  "\ufe0f",
  "\u{e0041}",
  "\u200b".repeat(200),
])("the invisible %j ends no name", (invisible) => {
  expect(mentioned(`@ali${invisible}ce`, ["ali", "alice"])).toEqual(["alice"]);
  expect(mentioned(`@ali${invisible}ce`, ["ali"])).toEqual([]);
  expect(mentioned(`@alice${invisible} x`)).toEqual(["alice"]);
  expect(mentioned(`@alice${invisible}看`)).toEqual(["alice"]);
});

test("a mention with anything between its letters takes linear time", () => {
  for (const part of ["\u00ad", "\\_", "＿", "@a\u00ad", "@a\\_", "\ufe0f", "@\ufe0f", "@a．"]) {
    const takenMs = cpuTimeMs(() => findMentionCandidates(`@a${part.repeat(20_000)}b`));
    expect(takenMs, JSON.stringify(part)).toBeLessThan(1_000);
  }
});
