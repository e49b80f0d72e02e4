import { describe, expect, test } from "vitest";
import { findMatches, indexedWordsIn, readQuery, toPhrase, wordsIn } from "../../src/search/index.ts";

/** The order of Unicode at primary strength: what it takes for equal, a search finds. */
const { compare } = new Intl.Collator("und", { sensitivity: "base" });

const charactersOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));

/** Whether the index of the text has the words of the query after each other. */
function isFound(text: string, query: string): boolean {
  const words = ` ${indexedWordsIn(text).join(" ")} `;
  const terms = readQuery(query).flatMap((part) => (part.kind === "term" ? [toPhrase(part.term)] : []));
  const has = (wanted: readonly string[] = []) => wanted.length > 0 && words.includes(` ${wanted.join(" ")} `);
  return terms.length > 0 && terms.every((phrase) => has(phrase?.words) || has(phrase?.otherWords));
}

function expectFound(one: string, other: string): void {
  expect(isFound(`a ${one} b`, other), `${one} by ${other}`).toBe(true);
  expect(isFound(`a ${other} b`, one), `${other} by ${one}`).toBe(true);
  expect(findMatches(one, other)).toEqual([{ from: 0, to: one.length }]);
  expect(findMatches(other, one)).toEqual([{ from: 0, to: other.length }]);
}

describe("nukta, visarga and nasal signs: either spelling finds the other", () => {
  test.each([
    ["फोन", "फ़ोन"],
    ["फोन", "\u095eोन"],
    ["पढाई", "पढ़ाई"],
    ["जरा", "ज़रा"],
    ["सडक", "सड़क"],
    ["कलम", "क़लम"],
    ["खबर", "ख़बर"],
    ["বাডি", "বাড়ি"],
    ["আষাঢ", "আষাঢ়"],
    ["নযন", "নয়ন"],
    ["ਜਮੀਨ", "ਜ਼ਮੀਨ"],
    ["ਸਰਮ", "ਸ਼ਰਮ"],
    ["ગઝલ", "ગઝ઼લ"],
    ["ଓଡିଆ", "ଓଡ଼ିଆ"],
    ["ಕಫ", "ಕಫ಼"],
    ["हूं", "हूँ"],
    ["हंसी", "हँसी"],
    ["मां", "माँ"],
    ["গাং", "গাঁ"],
    ["ਪਂ", "ਪੰ"],
    ["ਪਁ", "ਪੰ"],
    ["હું", "હુઁ"],
    ["ଆଂ", "ଆଁ"],
    ["అం", "అఁ"],
    ["ಅಂ", "ಅಁ"],
    ["അം", "അഁ"],
    ["दुख", "दुःख"],
  ])("%s and %s", (one, other) => {
    expect(compare(one, other)).toBe(0);
    expectFound(one, other);
  });

  test("a letter of the scripts of India with the nukta of its script", () => {
    const nuktas = ["\u093c", "\u09bc", "\u0a3c", "\u0abc", "\u0b3c", "\u0c3c", "\u0cbc"];
    for (const nukta of nuktas) {
      const block = (nukta.codePointAt(0) ?? 0) & ~0x7f;
      for (const letter of charactersOf(block + 0x15, block + 0x39)) {
        if (!/\p{L}/u.test(letter)) continue;
        expect(wordsIn(`x${letter}${nukta}x`)).toEqual(wordsIn(`x${letter}x`));
        expect(compare(letter + nukta, letter)).toBe(0);
      }
    }
  });
});

describe("chillu and khanda ta: either spelling finds the other", () => {
  test.each([
    ["അവൻ", "അവന്\u200d"],
    ["അവർ", "അവര്\u200d"],
    ["അവൾ", "അവള്\u200d"],
    ["കൺ", "കണ്\u200d"],
    ["പാൽ", "പാല്\u200d"],
    ["വാൿ", "വാക്\u200d"],
    ["അവൻ", "അവന്"],
    ["മലയാളത്തിൽ", "മലയാളത്തില്\u200d"],
    ["എന്റെ", "എൻ്റെ"],
    ["തൻ്റെ", "തന്റെ"],
    ["উৎসব", "উত্\u200dসব"],
    ["হঠাৎ", "হঠাত্"],
    ["সৎ", "সত্\u200d"],
  ])("%s and %s", (one, other) => expectFound(one, other));
});

describe("digraphs and final letters of Hebrew and Yiddish: either spelling finds the other", () => {
  test.each([
    ["װאָס", "וואס"],
    ["װאס", "וואָס"],
    ["אײנער", "איינער"],
    ["ײִדיש", "יידיש"],
    ["ײַן", "יין"],
    ["הױז", "הויז"],
    ["װײַס", "ווייס"],
    ["צװײ", "צוויי"],
    ["גרױס", "גרויס"],
    ["פֿײַער", "פייער"],
    ["קױפֿן", "קויפן"],
    ["שלום", "שלומ"],
  ])("%s and %s", (one, other) => {
    expect(compare(one, other)).toBe(0);
    expectFound(one, other);
  });
});

describe("kana: hiragana and katakana, small and large, voicing marks of their own", () => {
  test.each([
    ["ひらがな", "ヒラガナ"],
    ["がっこう", "がつこう"],
    ["キャット", "キヤツト"],
    ["ラーメン", "らーめん"],
    ["ヵ", "カ"],
    ["一ヶ月", "一ケ月"],
    ["カ゛", "ガ"],
    ["か゛", "ガ"],
    ["う゛", "ヴ"],
    ["ゔ", "ウ\u3099"],
    ["ｶ゛", "ガ"],
    ["カﾞ", "が"],
    ["フ゜", "プ"],
    ["ﾊ゜ﾝ", "ぱん"],
    ["ㇷ\u309a", "プ"],
    ["ヷ", "わ゛"],
    ["㌀", "アパート"],
    ["㋐", "あ"],
    ["ヿ", "こと"],
    ["ﾌｧｲﾙ", "ふあいる"],
  ])("%s and %s", (one, other) => expectFound(one, other));

  test("every two letters are found by each other if the collation takes them for equal and are voiced alike", () => {
    const letters = [
      ...charactersOf(0x3041, 0x3096),
      ...charactersOf(0x30a1, 0x30fa),
      ...charactersOf(0x31f0, 0x31ff),
      ...charactersOf(0xff66, 0xff6f),
      ...charactersOf(0xff71, 0xff9d),
    ];
    const markOf = (letter: string) => /[\u3099\u309a]/.exec(letter.normalize("NFKD"))?.[0] ?? "";
    // These have no form in hiragana.
    const isUnpaired = (letter: string) => /[ヷ-ヺ]/.test(letter);
    const wrong: string[] = [];
    for (const one of letters) {
      for (const other of letters) {
        if (isUnpaired(one) || isUnpaired(other)) continue;
        const isSame = compare(one, other) === 0 && markOf(one) === markOf(other);
        if ((wordsIn(one).join() === wordsIn(other).join()) !== isSame) wrong.push(`${one} ${other}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe("numbers and letters in circles: found by what stands in them", () => {
  test.each([
    ["❶", "1"],
    ["⓵", "1"],
    ["➀", "1"],
    ["➊", "①"],
    ["❿", "10"],
    ["⓴", "20"],
    ["⓿", "0"],
    ["🄋", "0"],
    ["㉈", "10"],
    ["㊿", "50"],
    ["🅷🅴🅻🅻🅾", "hello"],
    ["🅗🅔🅛🅛🅞", "hello"],
  ])("%s and %s", (one, other) => expectFound(one, other));

  test("every symbol that the collation takes for a number up to 50 or a letter", () => {
    const bases = [...Array.from({ length: 51 }, (_, number) => String(number)), ..."abcdefghijklmnopqrstuvwxyz"];
    const wrong: string[] = [];
    for (const symbol of [
      ...charactersOf(0x2460, 0x24ff),
      ...charactersOf(0x2700, 0x27ff),
      ...charactersOf(0x3200, 0x32ff),
    ].concat(charactersOf(0x1f100, 0x1f189))) {
      const base = bases.find((each) => compare(each, symbol) === 0);
      if (base !== undefined && wordsIn(symbol).join() !== base) wrong.push(`${symbol} ${base}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("phrases of words with apostrophes: found with and without", () => {
  test.each([
    ["can't won't", '"cant wont"'],
    ["can't won't", '"can’t wont"'],
    ["can't won't", '"cant won\'t"'],
    ["l'homme qu'il aime", '"lhomme quil"'],
    ["l'homme qu'il aime", '"lhomme quil aime"'],
    ["j'aime l'homme qu'il n'est pas", '"jaime lhomme quil nest pas"'],
    ["I don't know why it doesn't work", '"dont know why it doesnt"'],
    ["I don't know why it doesn't work", '"i dont know why it doesnt work"'],
    ["we can't and won't go", '"cant and wont go"'],
    ["O'Brien's and O'Neill's garden", '"obriens and oneills garden"'],
    ["rock'n'roll isn't dead", '"rocknroll isnt dead"'],
    ["м'ята п'ять", '"мята пять"'],
    ["Hawaiʻi isn't Hawai'i", '"hawaii isnt hawaii"'],
    ["ha detto l'altr'anno", '"detto laltranno"'],
    ["cant wont", "\"can't won't\""],
  ])("%s by %s", (text, query) => {
    expect(isFound(text, query)).toBe(true);
    expect(findMatches(text, query).length).toBeGreaterThan(0);
  });

  test.each([
    ["can't won't", '"wont cant"'],
    ["can't I won't", '"cant wont"'],
    ["can't won't", '"t cant"'],
    ["can't, and later on it won't", '"can later"'],
  ])("but not %s by %s", (text, query) => expect(isFound(text, query)).toBe(false));
});

describe("what only resembles a word is not found", () => {
  test.each([
    ["कमल", "किमल"],
    ["राम", "रम"],
    ["गमला", "गम"],
    ["हंस", "हस"],
    ["বাংলা", "বালা"],
    ["กา", "ก่า"],
    ["അവൻ", "അവന"],
    ["উৎস", "উতস"],
    ["は", "ば"],
    ["ハ", "パ"],
    ["か", "き"],
    ["ウ", "ヴ"],
    ["❶", "2"],
    ["❿", "1"],
    ["װ", "ו"],
    ["מלך", "מלח"],
  ])("%s and %s", (one, other) => {
    expect(isFound(one, other)).toBe(false);
    expect(isFound(other, one)).toBe(false);
  });
});
