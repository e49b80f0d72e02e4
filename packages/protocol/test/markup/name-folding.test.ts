import { describe, expect, test } from "vitest";
import { normalizeName } from "../../src/markup/mention-names.ts";

const SURROGATES = { first: 0xd800, last: 0xdfff };

/** Calls back for every code point of Unicode. */
function forEachCodePoint(callback: (character: string) => void): void {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code >= SURROGATES.first && code <= SURROGATES.last) continue;
    callback(String.fromCodePoint(code));
  }
}

const hex = (text: string): string => [...text].map((char) => `U+${char.codePointAt(0)?.toString(16)}`).join(" ");

const FORMS: readonly [name: string, form: (text: string) => string][] = [
  ["upper case", (text) => text.toUpperCase()],
  ["lower case", (text) => text.toLowerCase()],
  ["NFC", (text) => text.normalize("NFC")],
  ["NFD", (text) => text.normalize("NFD")],
  ["NFKC", (text) => text.normalize("NFKC")],
  ["NFKD", (text) => text.normalize("NFKD")],
];

describe("every form of a name has the same key", () => {
  test("of every code point of Unicode, alone and inside a word", () => {
    const different: string[] = [];
    forEachCodePoint((character) => {
      for (const text of [character, `a${character}b`]) {
        const key = normalizeName(text);
        for (const [name, form] of FORMS) {
          const other = form(text);
          if (other !== text && other !== key && normalizeName(other) !== key)
            different.push(`${name} of ${hex(text)}`);
        }
        if (key !== text && normalizeName(key) !== key) different.push(`the key of ${hex(text)}`);
      }
    });
    expect(different).toEqual([]);
  });

  test("letters that differ in case alone, by the tables of regular expressions, which are others", () => {
    const different: string[] = [];
    forEachCodePoint((character) => {
      for (const variant of [character.toUpperCase(), character.toLowerCase()]) {
        if ([...variant].length !== 1 || variant === character) continue;
        if (new RegExp(`^${variant}$`, "iu").test(character) && normalizeName(variant) !== normalizeName(character)) {
          different.push(hex(character));
        }
      }
    });
    expect(different).toEqual([]);
  });

  test.each([
    ["ẞ", "ß", "ss", "SS", "sS", "ſs", "ẞ"],
    ["STRAẞE", "Straße", "strasse", "STRASSE", "straſſe"],
    ["ΟΔΟΣ", "οδος", "οδοσ", "Οδοσ", "ΟΔΟΣ".normalize("NFD")],
    ["Νίκος", "ΝΊΚΟΣ", "νίκοσ", "ΝΊΚΟΣ".normalize("NFD")],
    ["ﬃ", "ffi", "FFI", "ﬀi"],
    ["ŉ", "ʼn", "ʼN"],
    ["ǰ", "ǰ", "J̌"],
    ["ᾳ", "αι", "ΑΙ", "ᾼ"],
    ["և", "եւ", "ԵՒ"],
    ["ı", "i", "I"],
    ["K", "K", "k"],
    ["Å", "Å", "å", "å"],
    ["Ω", "Ω", "ω"],
    ["ǅ", "DŽ", "dž", "Ǆ"],
    ["Ꭰ", "ꭰ"],
    ["ა", "Ა"],
    ["Ａｌｉｃｅ", "alice", "ALICE", "𝐀lice"],
    ["İ", "i̇", "I\u0307", "i", "ı", "I"],
    ["İlker", "ilker", "ILKER", "İLKER", "ılker", "i\u0307lker", "İlker".normalize("NFD"), "I\u0307LKER"],
    ["İSTANBUL", "istanbul", "İstanbul", "ıstanbul"],
    ["DİLEK", "dilek", "Dilek", "DILEK", "dılek"],
    ["Işıl", "ışıl", "IŞIL", "işil", "İŞİL"],
    ["Ali", "ALİ", "ali", "ALI"],
    ["Eİ", "eı", "EI"],
    ["İİİ", "iii", "ııı", "III"],
    ["diyarbakır", "DİYARBAKIR", "Diyarbakir"],
    ["i\u0323\u0307", "ị", "Ị", "Ị\u0307"],
  ])("%s and its spellings", (...spellings) => {
    expect(new Set(spellings.map(normalizeName)).size).toBe(1);
  });

  test.each([
    ["ä", "a"],
    ["ø", "o"],
    ["ł", "l"],
    ["s", "z"],
    ["σ", "о"],
    ["alice", "alíce"],
    ["İlker", "ílker"],
    ["ilker", "ïlker"],
    ["j", "j\u0307"],
    ["e", "ė"],
  ])("%s and %s are different names", (one, other) => {
    expect(normalizeName(one)).not.toBe(normalizeName(other));
  });

  test("sequences of letters and marks whose parts interact", () => {
    const parts = [
      "a",
      "Σ",
      "ς",
      "ẞ",
      "ß",
      "İ",
      "ı",
      "I",
      "\u0307",
      "\u0345",
      "\u0301",
      "\u0323",
      "ᾳ",
      "ŉ",
      "ﬁ",
      "Ꭰ",
      "ſ",
      ".",
    ];
    for (const a of parts) {
      for (const b of parts) {
        for (const c of parts) {
          const text = `${a}${b}${c}`;
          const key = normalizeName(text);
          expect(normalizeName(key), hex(text)).toBe(key);
          expect(normalizeName(text.normalize("NFD").toUpperCase()), hex(text)).toBe(key);
          expect(normalizeName(text.normalize("NFC")), hex(text)).toBe(key);
        }
      }
    }
  });
});
