/** Small letters, and the large ones that they are forms of, in order. */
const SMALL =
  "ぁぃぅぇぉっゃゅょゎゕゖㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ\u{1b132}\u{1b150}\u{1b151}\u{1b152}\u{1b155}\u{1b164}\u{1b165}\u{1b166}\u{1b167}";
const LARGE = "あいうえおつやゆよわかけくしすとぬはひふへほむらりるれろこゐゑをこゐゑをん";

const LARGE_BY_SMALL: ReadonlyMap<string, string> = new Map(
  [...SMALL].map((letter, index) => [letter, [...LARGE][index] ?? letter]),
);

/** Katakana stand this far behind the hiragana of the same sound. */
const KATAKANA_DISTANCE = 0x60;
const VOICED = /([\u3041-\u3096\u309d\u30a1-\u30f6\u30fd\u31f0-\u31ff])([\u3099-\u309c])/g;

/** Returns the large hiragana of one kana without marks; undefined: it is none, or it is one already. */
export function toLargeHiragana(letter: string): string | undefined {
  if (letter < "ぁ") return undefined;
  const isKatakana = (letter >= "ァ" && letter <= "ヶ") || letter === "ヽ" || letter === "ヾ";
  const hiragana = isKatakana ? String.fromCharCode(letter.charCodeAt(0) - KATAKANA_DISTANCE) : letter;
  const large = LARGE_BY_SMALL.get(hiragana) ?? hiragana;
  return large === letter ? undefined : large;
}

/** Writes voicing marks of their own (`カ゛`) as those that are composed with the letter before them. */
export function attachVoicingMarks(text: string): string {
  return text.replace(VOICED, (_, letter: string, mark: string) => {
    return (toLargeHiragana(letter) ?? letter) + (mark === "\u309b" || mark === "\u3099" ? "\u3099" : "\u309a");
  });
}
