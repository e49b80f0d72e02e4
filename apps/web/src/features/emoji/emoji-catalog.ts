import { qualifyEmoji } from "@multichat/protocol";
import compact from "emojibase-data/en/compact.json";
import shortcodes from "emojibase-data/en/shortcodes/github.json";
import { COMMON_EMOJI, EMOJI } from "./emoji-table.ts";

export const EMOJI_GROUPS = [
  "smileys",
  "people",
  "nature",
  "food",
  "travel",
  "activities",
  "objects",
  "symbols",
  "flags",
] as const;
export type EmojiGroup = (typeof EMOJI_GROUPS)[number];

/** The groups by their numbers in the data; the one between people and nature has parts of emoji only. */
const GROUP_BY_NUMBER: readonly (EmojiGroup | undefined)[] = [
  ...EMOJI_GROUPS.slice(0, 2),
  undefined,
  ...EMOJI_GROUPS.slice(2),
];

export interface CatalogEmoji {
  readonly emoji: string;
  readonly group: EmojiGroup;
  /** What can be typed between colons; the first one is shown. */
  readonly names: readonly string[];
  /** In the language of the page. */
  readonly label: string;
  /** In five skin tones, from light to dark; empty for one without. */
  readonly tones: readonly string[];
}

interface SearchableEmoji extends CatalogEmoji {
  readonly keys: readonly string[];
  /** Words of labels and keywords, in English and the language of the page. */
  readonly words: readonly string[];
  /** The place in which equal matches are listed. */
  readonly rank: number;
}

/** The names and keywords of a language, as Unicode publishes them. */
type Annotations = Readonly<Record<string, { readonly default?: readonly string[]; readonly tts?: readonly string[] }>>;

/** All emoji of Unicode, with names to type and words to search by. */
export class EmojiCatalog {
  readonly groups: Readonly<Record<EmojiGroup, readonly CatalogEmoji[]>>;
  readonly #all: readonly SearchableEmoji[];
  readonly #byKey = new Map<string, SearchableEmoji>();
  readonly #byEmoji = new Map<string, SearchableEmoji>();

  /** @param locale names the regions of flags; @param annotations of a language other than English */
  constructor(locale: string, annotations: Annotations = {}) {
    this.#all = readEmoji(locale, annotations);
    const groups: Record<EmojiGroup, CatalogEmoji[]> = {
      smileys: [],
      people: [],
      nature: [],
      food: [],
      travel: [],
      activities: [],
      objects: [],
      symbols: [],
      flags: [],
    };
    for (const entry of this.#all) {
      groups[entry.group].push(entry);
      for (const emoji of [entry.emoji, ...entry.tones]) this.#byEmoji.set(emoji, entry);
    }
    // Our own names come first, whichever emoji has the same one in the data.
    for (const index of [0, 1]) {
      for (const entry of this.#all) {
        const own = ownNames.get(entry.emoji)?.length ?? 0;
        for (const key of index === 0 ? entry.keys.slice(0, own) : entry.keys.slice(own)) {
          if (!this.#byKey.has(key)) this.#byKey.set(key, entry);
        }
      }
    }
    this.groups = groups;
  }

  /** Returns the emoji of a name between colons. */
  findByName(name: string): string | undefined {
    return this.#byKey.get(normalizeName(name))?.emoji;
  }

  /** Returns an emoji's name in words; the emoji itself if it is none of the catalog. */
  describe(emoji: string): string {
    return this.#byEmoji.get(emoji)?.label ?? emoji;
  }

  find(emoji: string): CatalogEmoji | undefined {
    return this.#byEmoji.get(emoji);
  }

  /** Returns at most `count` emoji that the query means: by a whole name, by its beginning, by that of a word, by any part. */
  search(query: string, count: number): readonly CatalogEmoji[] {
    const key = normalizeName(query);
    const word = foldWord(query.trim());
    if (key === "" && word === "") return [];
    const matches = this.#all.flatMap((entry) => {
      const quality = rateMatch(entry, key, word);
      return quality === undefined ? [] : [{ entry, quality }];
    });
    matches.sort((a, b) => a.quality - b.quality || a.entry.rank - b.entry.rank);
    return matches.slice(0, count).map(({ entry }) => entry);
  }
}

function rateMatch({ keys, words }: SearchableEmoji, key: string, word: string): number | undefined {
  if (key !== "") {
    if (keys.includes(key)) return 0;
    if (keys.some((name) => name.startsWith(key))) return 1;
  }
  if (word === "") return undefined;
  if (words.some((other) => other.startsWith(word) || other.includes(` ${word}`))) return 2;
  return keys.some((name) => key !== "" && name.includes(key)) || words.some((other) => other.includes(word))
    ? 3
    : undefined;
}

/** Returns a name without what people write between its words: `thumbsup`, `thumbs-up` and `thumbs up` are one. */
function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll(/[_\s]|(?<=[a-z])-/g, "");
}

/** Folds what people leave out: case, accents, vowel marks, the hamza of an alef. */
function foldWord(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/[\p{M}\u0640]/gu, "")
    .replaceAll("ة", "ه")
    .replaceAll("ى", "ي")
    .toLowerCase();
}

const ownNames = new Map(EMOJI.map(({ emoji, names }) => [emoji, names]));
const ownRank = new Map([...COMMON_EMOJI, ...ownNames.keys()].map((emoji, index) => [emoji, index]));

const TONES = ["\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"];
const ANY_TONE = /[\u{1f3fb}-\u{1f3ff}]/gu;
const RGI_EMOJI = /^\p{RGI_Emoji}$/v;
const FLAG = /^[\u{1f1e6}-\u{1f1ff}]{2}$/u;

function readEmoji(locale: string, annotations: Annotations): SearchableEmoji[] {
  const regions = new Intl.DisplayNames(locale, { type: "region" });
  return compact
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .flatMap((entry): SearchableEmoji[] => {
      const group = GROUP_BY_NUMBER[entry.group ?? 2];
      if (group === undefined) return [];
      const { label, tags = [], skins = [], order = 0 } = entry;
      // As the server stores it. One that is newer than this browser would be shown as its parts.
      const emoji = qualifyEmoji(entry.unicode);
      if (!RGI_EMOJI.test(emoji)) return [];
      const short = shortcodes[entry.hexcode];
      const names = [
        ...new Set([
          ...(ownNames.get(emoji) ?? []),
          ...(typeof short === "string" ? [short] : (short ?? [])),
          toName(label),
        ]),
      ];
      const local = annotations[emoji] ?? annotations[emoji.replaceAll("\ufe0f", "")];
      const region = FLAG.test(emoji) ? regions.of(toRegion(emoji)) : undefined;
      const tones = TONES.map(
        (tone) =>
          skins.find((skin) => [...skin.unicode.matchAll(ANY_TONE)].every(([other]) => other === tone))?.unicode,
      )
        .filter((toned) => toned !== undefined)
        .map(qualifyEmoji);
      return [
        {
          emoji,
          group,
          names,
          label: local?.tts?.[0] ?? region ?? label,
          tones: tones.length === TONES.length ? tones : [],
          keys: names.map(normalizeName),
          words: [
            label,
            ...tags,
            ...(local?.tts ?? []),
            ...(local?.default ?? []),
            ...(region === undefined ? [] : [region]),
          ].map(foldWord),
          rank: ownRank.get(emoji) ?? ownRank.size + order,
        },
      ];
    });
}

const toName = (label: string): string =>
  foldWord(label)
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");

const toRegion = (flag: string): string =>
  [...flag].map((letter) => String.fromCharCode((letter.codePointAt(0) ?? 0) - 0x1f1e6 + 65)).join("");

const catalogs = new Map<string, Promise<EmojiCatalog>>();

/** Loads the catalog in a language; for Arabic with its names and keywords. */
export function loadEmojiCatalog(locale: string): Promise<EmojiCatalog> {
  const loaded = catalogs.get(locale);
  if (loaded !== undefined) return loaded;
  const loading = readAnnotations(locale).then((annotations) => new EmojiCatalog(locale, annotations));
  catalogs.set(locale, loading);
  // The next one tries again.
  loading.catch(() => catalogs.delete(locale));
  return loading;
}

async function readAnnotations(locale: string): Promise<Annotations> {
  if (locale !== "ar") return {};
  const { default: file } = await import("cldr-annotations-full/annotations/ar/annotations.json");
  return file.annotations.annotations;
}
