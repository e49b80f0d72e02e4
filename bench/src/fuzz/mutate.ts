import type { Random } from "../clients/random.ts";

/** As long as the longest message by default. */
export const MAX_INPUT_CHARS = 10_000;

/** Lengths at which a part is repeated: mostly short, sometimes long enough to show work that grows faster than the input. */
const REPEAT_COUNTS = [2, 3, 8, 40, 300, 4_000];

/** Returns a changed copy of an input: a few edits, insertions from the dictionary, or a part of another input. */
export function mutateText(
  input: string,
  others: readonly string[],
  { random, dictionary, isBinary }: { random: Random; dictionary: readonly string[]; isBinary: boolean },
): string {
  let text = input;
  for (let edits = 1 + random.integerBelow(4); edits > 0; edits -= 1) {
    const at = random.integerBelow(text.length + 1);
    const end = Math.min(text.length, at + 1 + random.integerBelow(8));
    switch (random.integerBelow(8)) {
      case 0:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 1:
        text = text.slice(0, at) + random.pick(dictionary) + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + random.pick(dictionary) + text.slice(end);
        break;
      case 3:
        text = text.slice(0, at) + (isBinary ? randomByte(random) : randomCharacter(random)) + text.slice(at);
        break;
      case 4:
        text = text.slice(0, at) + text.slice(at, end).repeat(random.pick(REPEAT_COUNTS)) + text.slice(end);
        break;
      case 5: {
        const other = random.pick(others);
        text = text.slice(0, at) + other.slice(random.integerBelow(other.length + 1));
        break;
      }
      case 6:
        text = text.slice(0, at) + flipBit(text.slice(at, at + 1), random) + text.slice(at + 1);
        break;
      default:
        text = text.slice(0, at) + text.slice(end) + text.slice(at, end);
    }
    if (text.length > MAX_INPUT_CHARS) text = text.slice(0, MAX_INPUT_CHARS);
  }
  return text;
}

/** The first and last code points of blocks that readers of text treat differently. */
const CODE_POINT_RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x00, 0x1f],
  [0x80, 0x24f],
  [0x300, 0x36f],
  [0x5d0, 0x6ff],
  [0x900, 0xdff],
  [0x1100, 0x11ff],
  [0x2000, 0x206f],
  [0x20d0, 0x20ff],
  [0x3000, 0x30ff],
  [0x4e00, 0x4eff],
  [0xac00, 0xacff],
  [0xd800, 0xdfff],
  [0xfb50, 0xfdff],
  [0xfe00, 0xffff],
  [0x1f1e6, 0x1f6ff],
  [0xe0000, 0xe007f],
  [0x10fff0, 0x10ffff],
];

function randomByte(random: Random): string {
  return String.fromCharCode(random.integerBelow(256));
}

export function randomCharacter(random: Random): string {
  const [first, last] = random.pick(CODE_POINT_RANGES);
  return String.fromCodePoint(first + random.integerBelow(last - first + 1));
}

/** Returns a text of words from the dictionary and random characters. */
export function randomText(random: Random, dictionary: readonly string[], maxParts: number): string {
  let text = "";
  for (let parts = random.integerBelow(maxParts + 1); parts > 0; parts -= 1) {
    const part = random.chance(0.6) ? random.pick(dictionary) : randomCharacter(random);
    text += random.chance(0.05) ? part.repeat(random.pick(REPEAT_COUNTS)) : part;
  }
  return text.slice(0, MAX_INPUT_CHARS);
}

function flipBit(character: string, random: Random): string {
  return String.fromCharCode((character.charCodeAt(0) || 0) ^ (1 << random.integerBelow(7)));
}
