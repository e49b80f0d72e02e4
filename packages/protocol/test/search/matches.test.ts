import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findMatches, wordsIn } from "../../src/search/index.ts";
import { indexedWordsIn, locateIndexedWords } from "../../src/search/words.ts";

/** Returns the text with the matches in brackets. */
function marked(text: string, query: string): string {
  let end = 0;
  let out = "";
  for (const { from, to } of findMatches(text, query)) {
    out += `${text.slice(end, from)}[${text.slice(from, to)}]`;
    end = to;
  }
  return out + text.slice(end);
}

describe("what the search folds is marked in the spelling of the message", () => {
  test.each([
    ["in Łódź today", "lodz", "in [Łódź] today"],
    ["in lodz today", "ŁÓDŹ", "in [lodz] today"],
    ["Smørrebrød", "smorrebrod", "[Smørrebrød]"],
    ["Ærø ist schön", "aero", "[Ærø] ist schön"],
    ["die Straße, die STRASSE", "strasse", "die [Straße], die [STRASSE]"],
    ["die Strasse", "straße", "die [Strasse]"],
    ["Donau\u00addampf\u00adschiff", "donaudampfschiff", "[Donau\u00addampf\u00adschiff]"],
    ["ice\u200bcream", "icecream", "[ice\u200bcream]"],
    ["ﬁle and ﬂow", "file flow", "[ﬁle] and [ﬂow]"],
    ["Ｆｕｌｌ width", "full", "[Ｆｕｌｌ] width"],
    ["full", "ｆｕｌｌ", "[full]"],
    ["مُحَمَّد هنا", "محمد", "[مُحَمَّد] هنا"],
    ["كتـــاب", "كتاب", "[كتـــاب]"],
    ["کتاب ی", "كتاب ي", "[کتاب] [ی]"],
    ["שָׁלוֹם עולם", "שלום", "[שָׁלוֹם] עולם"],
    ["٢٠٢٦ and २०२६", "2026", "[٢٠٢٦] and [२०२६]"],
    ["ΟΔΟΣ, οδός", "οδος", "[ΟΔΟΣ], [οδός]"],
    ["İstanbul ve ısı", "istanbul isi", "[İstanbul] ve [ısı]"],
    ["ﾀﾜｰとガラス、ｶﾞﾗｽ", "タワー ガラス", "[ﾀﾜｰ]と[ガラス]、[ｶﾞﾗｽ]"],
    ["한국어를 배워요", "한국어", "[한국어]를 배워요"],
    ["\u1112\u1161\u11ab글", "한글", "[\u1112\u1161\u11ab글]"],
    ["我们明天在广场见面", "广场", "我们明天在[广场]见面"],
    ["well 👍🏽 done", "👍", "well [👍🏽] done"],
    ["I ❤️ it", "❤", "I [❤️] it"],
    ["🇩🇪🇫🇷", "🇫🇷", "🇩🇪[🇫🇷]"],
    ["Cafe\u0301 au lait", "café", "[Cafe\u0301] au lait"],
    ["R & D budget", "r & d", "[R] & [D] budget"],
    ["so it is 1+1 (really)", "1+1 (really", "so it is [1+1] ([really])"],
    ["the big, green wheel", '"big green" wheel', "the [big, green] [wheel]"],
    ["the big, green wheel", "“big green”", "the [big, green] wheel"],
    ["a soupspoon and soup", "soup*", "a [soupspoon] and [soup]"],
    ["a soupspoon and soup", "soup", "a soupspoon and [soup]"],
    ["a b ab", "a*", "[a] b ab"],
    ["aa bb aa", "aa bb", "[aa] [bb] [aa]"],
    ["aa bb aa", '"aa bb" bb', "[aa bb] aa"],
    ["from here", 'in:"The back room" from', "[from] here"],
    ["in the room", "in: room", "[in] the [room]"],
    ["on Hawaiʻi", "hawai'i", "on [Hawaiʻi]"],
    ["on Hawai'i", "Hawaiʻi", "on [Hawai'i]"],
    ["on Hawaiʻi", "hawaii", "on [Hawaiʻi]"],
    ["on Hawai'i, not Hawai’i", "hawaii", "on [Hawai'i], not [Hawai’i]"],
    ["O’Brien’s garden", "obrien", "[O’Brien]’s garden"],
    ["O’Brien’s garden", '"obriens garden"', "[O’Brien’s garden]"],
    ["cet été, l'été", "lete", "cet été, [l'été]"],
    ["l'été", "ete", "l'[été]"],
    ["in Oʼzbekiston", "o’zbek*", "in [Oʼzbekiston]"],
    ["ᴀ ꜱᴍᴀʟʟ Ⱥ", "small a", "[ᴀ] [ꜱᴍᴀʟʟ] [Ⱥ]"],
    ["nothing of it", "from:alice in:General before:2026-01-01", "nothing of it"],
    ["", "word", ""],
    ["word", "", "word"],
  ])("%j for %j: %j", (text, query, expected) => {
    expect(marked(text, query)).toBe(expected);
  });
});

/** Texts of what is folded, composed, ignored or split, next to anything else. */
const PIECES = [
  ..."aAßøłæﬁİıſςΣσ ,.-'*\"\u00ad\u200b\u200d\u0301\u0327\u0308\u3099ﾞﾟｶﾊﾀｰガ가각한\u1100\u1161\u11a8ﾡￂ広場ไทยمُحـّ١२🇩🇪🇫❤\ufe0f👍🏽\ufdfaй\u0306и",
  "\ud800",
  "x".repeat(70),
  "\u0301".repeat(35),
];
const text = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: "binary", maxLength: 3 })), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(""));

test("the located words are those of the index, in order and inside the text", () => {
  fc.assert(
    fc.property(text, (given) => {
      const located = locateIndexedWords(given);
      expect(located.map(({ text }) => text)).toEqual(indexedWordsIn(given));
      let from = 0;
      for (const word of located.slice(0, wordsIn(given).length)) {
        expect(word.from).toBeGreaterThanOrEqual(from);
        expect(word.to).toBeGreaterThan(word.from);
        expect(word.to).toBeLessThanOrEqual(given.length);
        from = word.from;
      }
    }),
    { numRuns: 3_000 },
  );
});

test("every word of a text is marked when it is searched for, and matches never overlap", () => {
  fc.assert(
    fc.property(text, fc.nat(), (given, choice) => {
      const words = wordsIn(given);
      const word = words[choice % Math.max(1, words.length)];
      if (word === undefined || /^x[\da-f]{4,}$/.test(word)) return;
      const matches = findMatches(given, `"${word}"`);
      expect(matches.length).toBeGreaterThan(0);
      for (const [index, { from, to }] of matches.entries()) {
        expect(to).toBeGreaterThan(from);
        expect(from).toBeGreaterThanOrEqual(matches[index - 1]?.to ?? 0);
        expect(to).toBeLessThanOrEqual(given.length);
      }
    }),
    { numRuns: 2_000 },
  );
});
