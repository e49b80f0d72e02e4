import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LATIN_BASE_LETTERS } from "../../src/search/latin-letters.ts";
import { indexedWordsIn, MAX_WORD_CHARS_IN_ALL, MAX_WORDS, WordReader, wordsIn } from "../../src/search/words.ts";

const MESSAGE_CHARS = 10_000;
/** A message in LIMIT_MESSAGE_CHARS's highest setting. */
const LONGEST_MESSAGE_CHARS = 100_000;

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => String.fromCodePoint(from + i));
/** Repeats the strings one after another up to this many code points. */
function fill(strings: readonly string[], chars: number): string {
  const all: string[] = [];
  for (let i = 0; all.length < chars; i += 1) all.push(...[...(strings[i % strings.length] ?? "")]);
  return all.slice(0, chars).join("");
}

describe("what one message costs the index is bounded, whatever its characters become", () => {
  test("for a message of 10,000 of any character of Unicode", { timeout: 600_000 }, () => {
    const tooMany: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      // A tenth suffices to see what a character becomes; the bounds are tried at full length below.
      const words = wordsIn(String.fromCodePoint(code).repeat(10));
      const chars = words.reduce((sum, word) => sum + word.length, 0);
      if (words.length > 10 * 18 || chars > 10 * 18) tooMany.push(`U+${code.toString(16)}: ${words.length}, ${chars}`);
    }
    expect(tooMany).toEqual([]);
  });

  test.each<[string, readonly string[]]>([
    ["U+FDFA, which stands for eighteen", ["\ufdfa"]],
    ["Arabic ligatures", range(0xfbea, 0x1b0)],
    ["words of one letter", ["a "]],
    ["words of one letter that is not ASCII", ["ä "]],
    ["different words of two letters", range(0x400, 0x50).map((letter, i) => `${letter}${i % 10} `)],
    ["ideographs, each a word", range(0x4e00, 0x5000)],
    ["one ideograph", ["文"]],
    ["rare ideographs", range(0x20000, 0x5000)],
    ["Hangul syllables", range(0xac00, 0x2ba4)],
    ["Hangul in single letters", ["\u1112\u1161\u11ab"]],
    ["narrow katakana with voicing marks", ["\uff76\uff9e"]],
    ["squared words", range(0x3300, 0x58)],
    ["fullwidth letters", range(0xff21, 26)],
    ["Latin ligatures", ["\ufb03", "\ufb00", "\ufb06"]],
    ["sharp s", ["ß"]],
    ["a flood of combining marks", ["\u0345\u0301\u0327\u0334"]],
    [
      "marks that have to be sorted",
      ["\u0345", "\u0315", "\u0301", "\u0327", "\u0334"].flatMap((m) => Array(2000).fill(m)),
    ],
    ["marks that are not omitted", ["\u0902\u093e"]],
    ["zero-width joiners", ["a\u200d"]],
    ["emoji joined to families", ["👨‍👩‍👧‍👦"]],
    ["flags", ["🇩🇪"]],
    ["half flags", ["🇩 "]],
    ["letters in mathematical styles", range(0x1d400, 0x300)],
    ["circled numbers", range(0x2460, 0x50)],
    ["Thai without spaces", range(0x0e01, 0x2e)],
    ["private characters", range(0xe000, 0x1000)],
    ["lone surrogates", ["\ud800"]],
    ["a single word without an end", ["x"]],
  ])("for %s", (_, strings) => {
    for (const length of [MESSAGE_CHARS, LONGEST_MESSAGE_CHARS]) {
      const words = wordsIn(fill(strings, length));
      expect(words.length).toBeLessThanOrEqual(MAX_WORDS);
      expect(words.join("").length).toBeLessThanOrEqual(MAX_WORD_CHARS_IN_ALL);
      for (const word of words) expect(word.length).toBeLessThanOrEqual(100);
    }
  });

  test("a run of letters of any length is found as a whole", () => {
    const long = "abcdefghij".repeat(30);
    expect(wordsIn(long).join("")).toBe(long);
    expect(wordsIn(`${long}é`).join("")).toBe(`${long}e`);
  });
});

/** Each pair is found by the other. */
const SAME = [
  ["łódź", "lodz"],
  ["Łódź", "LODZ"],
  ["smørrebrød", "smorrebrod"],
  ["ærø", "aero"],
  ["Ærøskøbing", "aeroskobing"],
  ["œuvre", "oeuvre"],
  ["Đà Nẵng", "da nang"],
  ["đường", "duong"],
  ["Þór", "thor"],
  ["Eyjafjörður", "eyjafjordur"],
  ["Straße", "STRASSE"],
  ["STRAẞE", "strasse"],
  ["ışık", "isik"],
  ["İZMİR", "izmir"],
  ["DIYARBAKIR", "dıyarbakır"],
  ["Ħamrun", "hamrun"],
  ["Ŋaa", "naa"],
  ["Şəki", "seki"],
  ["soft\u00adhyphen", "softhyphen"],
  ["zero\u200bwidth", "zerowidth"],
  ["zwj\u200djoined", "zwjjoined"],
  ["zwnj\u200cjoined", "zwnjjoined"],
  ["word\u2060joiner", "wordjoiner"],
  ["bom\ufeffinside", "bominside"],
  ["left\u200eright", "leftright"],
  ["Ｆｕｌｌｗｉｄｔｈ１２", "fullwidth12"],
  ["ﬁle", "file"],
  ["𝓼𝓬𝓻𝓲𝓹𝓽", "script"],
  ["محمـــد", "محمد"],
  ["مُحَمَّد", "محمد"],
  ["أحمد", "احمد"],
  ["إسلام", "اسلام"],
  ["آدم", "ادم"],
  ["ٱلكتاب", "الكتاب"],
  ["مدرسة", "مدرسه"],
  ["مصطفى", "مصطفي"],
  ["کتاب", "كتاب"],
  ["می\u200cخواهم", "میخواهم"],
  ["١٢٣", "123"],
  ["۴۵۶", "456"],
  ["५०", "50"],
  ["שָׁלוֹם", "שלום"],
  ["ΟΔΥΣΣΕΎΣ", "οδυσσευς"],
  ["άνθρωπος", "ΑΝΘΡΩΠΟΣ"],
  ["ᾠδή", "ωδη"],
  ["ёлка", "елка"],
  ["молоко́", "молоко"],
  ["и\u0306од", "йод"],
  ["ガイド", "ｶﾞｲﾄﾞ"],
  ["がく", "か\u3099く"],
  ["한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"],
  ["👍🏽", "👍"],
  ["❤️", "❤"],
  ["don’t", "don't"],
  ["м’ята", "м\u02bcята"],
  ["Hawaiʻi", "hawaii"],
  ["Oʻzbekiston", "ozbekiston"],
  ["Qurʾān", "quran"],
  ["ʿAlī", "ali"],
  ["Gorʹkij", "gorkij"],
  ["Xꞌaltan", "xaltan"],
  ["ȺꝐȻɆ", "apce"],
  ["ᴀʙᴄ ꜱᴍᴀʟʟ", "abc small"],
  ["Ꝡ ꝏ Ꜳ ꜷ", "vy oo aa au"],
  ["Ɓala Ɗan Ƙasa", "bala dan kasa"],
  ["ɓoŋgɛ ɔkɔ", "bonge oko"],
  ["ĸalaallit", "qalaallit"],
  ["ⱥ ꝑ ⱡ ꝁ", "a p l k"],
  ["ꭓ ꬰ ꬽ", "x a o"],
  ["ⓁⒶⓉⒾⓃ", "latin"],
  ["ʰ ᵃ ₑ", "h a e"],
  ["᱑᱒᱓", "123"],
  ["꘡꘢", "12"],
  ["𞥑𞥒", "12"],
  ["𑁧𑁨", "12"],
] as const;

/** Letters of their own, although one may be written as another one with a mark. */
const DIFFERENT = [
  ["мой", "мои"],
  ["її", "іі"],
  ["は", "ば"],
  ["ハ", "パ"],
  ["🇩🇪", "🇩🇰"],
  ["🇩🇪🇪🇸", "🇪🇪"],
  ["হ", "ক"],
] as const;

describe("spellings that users do not tell apart have the same words, in both directions", () => {
  test.each(SAME)("%s and %s", (one, other) => {
    expect(wordsIn(one)).toEqual(wordsIn(other));
    expect(wordsIn(one).length).toBeGreaterThan(0);
  });

  test.each(DIFFERENT)("but not %s and %s", (one, other) => {
    expect(wordsIn(one)).not.toEqual(wordsIn(other));
  });

  /** Letters that Unicode names after no letter of the alphabet: tones, clicks, stops, signs. */
  const NO_BASE = /^[ƄƅƧƨƪƻƼƽǀ-ǃȜȝɁɂʔ-ʖʘʡʢʬʭˤᴤᴥᵔᵕᵜⱷꜢ-ꜥꜪ-ꜯꞋꞌꞏ꟎꟏ꭠ𐞁𐞂𐞳-𐞹𝼊𝼎ↀ-ↂↅ-ↈ]$/u;

  test("every letter of the Latin script is found by letters of the alphabet, whatever is added to it", () => {
    const others: string[] = [];
    for (let code = 0x80; code <= 0x1ffff; code += 1) {
      const letter = String.fromCodePoint(code);
      if (!/\p{Script=Latin}/u.test(letter) || NO_BASE.test(letter)) continue;
      const words = wordsIn(letter);
      if (words.length !== 1 || !/^[a-z0-9]+$/.test(words[0] ?? "")) others.push(`U+${code.toString(16)} ${words}`);
    }
    expect(others).toEqual([]);
  });

  test("a letter that Unicode's collation gives the weight of letters of the alphabet is found by these", () => {
    const { compare } = new Intl.Collator("und", { sensitivity: "base" });
    const bases = [
      ..."abcdefghijklmnopqrstuvwxyz",
      "ae",
      "oe",
      "ss",
      "dz",
      "ts",
      "ls",
      "lz",
      "oo",
      "ao",
      "au",
      "av",
      "ay",
    ];
    const different: string[] = [];
    for (let code = 0x80; code <= 0x1ffff; code += 1) {
      const letter = String.fromCodePoint(code);
      if (!/\p{Script=Latin}/u.test(letter)) continue;
      const base = bases.find((each) => compare(each, letter) === 0);
      // Old Polish o is an a in the collation, and an o in its name.
      if (base !== undefined && wordsIn(letter)[0] !== base && !/[Ꟁꟁ]/u.test(letter))
        different.push(`${letter} ${base}`);
    }
    expect(different).toEqual([]);
  });

  test("a table entry is a single lower-case letter that nothing else would fold", () => {
    for (const [base, letters] of Object.entries(LATIN_BASE_LETTERS)) {
      expect(base).toMatch(/^[a-z]{1,3}$/);
      for (const letter of letters) {
        expect(letter.toLowerCase()).toBe(letter);
        expect(letter.normalize("NFKD"), letter).toBe(letter);
        expect(wordsIn(letter)).toEqual([base]);
        expect(wordsIn(letter.toUpperCase())).toEqual([base]);
      }
    }
  });

  test("the folding of a word is folded already, for every character", () => {
    const changing: string[] = [];
    for (let code = 0x80; code <= 0xffff; code += 1) {
      const folded = wordsIn(String.fromCodePoint(code)).join(" ");
      if (wordsIn(folded).join(" ") !== folded) changing.push(`U+${code.toString(16)}: ${folded}`);
    }
    expect(changing).toEqual([]);
  });
});

test("words are the same when a text is read in parts", () => {
  const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 300 }), fc.string({ unit: "binary", maxLength: 300 }));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (read, maxCharacters) => {
      const reader = new WordReader(read);
      while (reader.advance(maxCharacters));
      expect(reader.end()).toEqual(wordsIn(read));
      const indexReader = new WordReader(read);
      while (indexReader.advance(maxCharacters));
      expect(indexReader.endIndexed()).toEqual(indexedWordsIn(read));
    }),
  );
});

describe("a word with apostrophes is indexed by its parts, and joined", () => {
  test.each([
    ["Hawai'i", "hawai i", "hawaii"],
    ["Hawai`i", "hawai i", "hawaii"],
    ["Hawai´i", "hawai i", "hawaii"],
    ["Hawai‘i", "hawai i", "hawaii"],
    ["Hawai’i", "hawai i", "hawaii"],
    ["Hawaiʼi", "hawai i", "hawaii"],
    ["Hawai′i", "hawai i", "hawaii"],
    ["Hawai＇i", "hawai i", "hawaii"],
    ["don't", "don t", "dont"],
    ["d’accord", "d accord", "daccord"],
    ["l'été", "l ete", "lete"],
    ["l’E\u0301te\u0301", "l ete", "lete"],
    ["м’ята", "м ята", "мята"],
    ["col·lecció", "col leccio", "colleccio"],
    ["ג׳ירפה", "ג ירפה", "גירפה"],
    ["צה״ל", "צה ל", "צהל"],
    ["col•lecció", "col leccio", "colleccio"],
    ["col∙lecció", "col leccio", "colleccio"],
    ["col⋅lecció", "col leccio", "colleccio"],
    ['צה"ל', "צה ל", "צהל"],
  ])("%s", (text, parts, joined) => {
    expect(indexedWordsIn(text).join(" ")).toBe(`${parts} ß ${joined}`);
  });

  test.each([
    ["O'Brien's", "o brien s ß obriens ß obrien ß briens"],
    ["rock'n'roll", "rock n roll ß rocknroll ß rockn ß nroll"],
    ["in Hawai'i today", "in hawai i today ß in hawaii today"],
    ["a Hawaiian’s é", "a hawaiian s e ß a hawaiians e"],
    ["can't won't", "can t won t ß cant wont"],
    ["l'homme qu'il aime", "l homme qu il aime ß lhomme quil aime"],
    [
      "1 2 3 4 5 6 7 8 9 d'a 1 2 3 4 5 6 7 8 9",
      "1 2 3 4 5 6 7 8 9 d a 1 2 3 4 5 6 7 8 9 ß 2 3 4 5 6 7 8 9 da 1 2 3 4 5 6 7 8",
    ],
  ])("%s, with what stands around it", (text, words) => {
    expect(indexedWordsIn(text).join(" ")).toBe(words);
  });

  test.each([
    "'tis",
    "the students' room",
    "5'10",
    "say 'this'",
    "say ‘this’",
    'a "b" c',
    'a"b',
    "日'本",
    "🎉'🎉",
    "a'b'c'd'e",
    "a''b",
    "a' b",
    "x".repeat(40).concat("'", "y".repeat(40)),
  ])("%s is no such word", (text) => {
    expect(indexedWordsIn(text)).toEqual(wordsIn(text));
  });

  test.each(["a'b ", "é'b ", "a'b'c'd ", "don't ", "ß'ſ "])("at most 2,000 words more, of a text of %s", (unit) => {
    const text = unit.repeat(10_000 / unit.length);
    const words = wordsIn(text);
    const indexed = indexedWordsIn(text);
    expect(indexed.slice(0, words.length)).toEqual(words);
    expect(indexed.length).toBeGreaterThan(words.length);
    expect(indexed.length).toBeLessThanOrEqual(Math.min(MAX_WORDS, words.length + 2_020));
  });
});
