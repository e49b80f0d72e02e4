import { readJson, writeStored } from "./storage.ts";

const KEY = "multichat.emoji";
const MAX_RECENT = 24;
/** Longer than any emoji, in code units. */
const MAX_EMOJI_CHARS = 40;

/** What the emoji picker remembers on this device. */
export interface EmojiMemory {
  /** The latest first. */
  readonly recent: readonly string[];
  /** 0: none, else 1 to 5, from light to dark. */
  readonly skinTone: number;
}

export function readEmojiMemory(): EmojiMemory {
  const json = readJson(KEY);
  const { recent, skinTone } = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const isEmoji = (value: unknown): value is string => typeof value === "string" && value.length <= MAX_EMOJI_CHARS;
  return {
    recent: Array.isArray(recent) ? recent.filter(isEmoji).slice(0, MAX_RECENT) : [],
    skinTone: typeof skinTone === "number" && [1, 2, 3, 4, 5].includes(skinTone) ? skinTone : 0,
  };
}

export function rememberEmoji(emoji: string): void {
  const { recent, skinTone } = readEmojiMemory();
  save({ recent: [emoji, ...recent.filter((other) => other !== emoji)].slice(0, MAX_RECENT), skinTone });
}

export function rememberSkinTone(skinTone: number): void {
  save({ ...readEmojiMemory(), skinTone });
}

function save(memory: EmojiMemory): void {
  writeStored(KEY, JSON.stringify(memory));
}
