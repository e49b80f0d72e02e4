import { expect, test } from "vitest";
import { LIMITS, qualifyEmoji } from "../src/index.ts";
import { makeSchemas } from "../src/schemas.ts";

const FULLY_QUALIFIED = /^\p{RGI_Emoji}$/v;
const MODIFIERS = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];

/** Returns the emoji of Unicode's data that this Node knows: single ones, with skin tones, keycaps, and joined pairs. */
function listEmoji(): string[] {
  const chars = Array.from({ length: 0x1fb00 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((char) => /\p{Emoji}/u.test(char));
  const isTextByDefault = (char: string) => !/\p{Emoji_Presentation}/u.test(char);
  const withSelector = (char: string) => (isTextByDefault(char) ? `${char}\ufe0f` : char);
  const single = chars.flatMap((char) => [
    withSelector(char),
    `${char}\ufe0f\u20e3`,
    ...MODIFIERS.map((m) => char + m),
  ]);
  const second = chars.filter((char) => isTextByDefault(char) || "🔥🧑👩👨🌈⬛🟩🟫".includes(char)).map(withSelector);
  const first = chars.flatMap((char) => [withSelector(char), `${char}🏻`, `${char}🏿`]);
  const joined = first.flatMap((one) => second.map((two) => `${one}\u200d${two}`));
  const flags = ["🇩🇪", "🇯🇵", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👨‍👩‍👧‍👦", "👩🏻‍❤️‍💋‍👨🏿", "👁️‍🗨️"];
  return [...new Set([...single, ...joined, ...flags])].filter((text) => FULLY_QUALIFIED.test(text));
}

const EMOJI = listEmoji();
const { commands } = makeSchemas(LIMITS);

/** Returns the emoji that the server reads from a command. */
function read(name: "reaction.add" | "reaction.remove", emoji: string): string | undefined {
  return commands[name].safeParse({ id: 1, do: name, room: 1, message: "m", emoji }).data?.emoji;
}

test("the emoji are those of Unicode's data", () => {
  expect(EMOJI.length).toBeGreaterThan(2_000);
  expect(EMOJI.filter((emoji) => emoji.includes("\ufe0f")).length).toBeGreaterThan(400);
});

test("a fully-qualified emoji stays as it is, in both commands", () => {
  for (const emoji of EMOJI) {
    expect(read("reaction.add", emoji), emoji).toBe(emoji);
    expect(read("reaction.remove", emoji), emoji).toBe(emoji);
  }
});

test("every other spelling of an emoji is read as the fully-qualified one, in both commands", () => {
  for (const emoji of EMOJI) {
    const unqualified = emoji.replaceAll("\ufe0f", "");
    const spellings = [unqualified, emoji.replace("\ufe0f", ""), emoji.replace(/\ufe0f(?!.*\ufe0f)/su, "")];
    // Some keyboards add a selector where none is needed.
    if ([...emoji].length === 1) spellings.push(`${emoji}\ufe0f`);
    for (const spelling of new Set(spellings)) {
      expect(read("reaction.add", spelling), emoji).toBe(emoji);
      expect(read("reaction.remove", spelling), emoji).toBe(emoji);
      expect(qualifyEmoji(spelling), emoji).toBe(emoji);
    }
  }
});

test.each([
  ["❤", "❤️"],
  ["☺", "☺️"],
  ["✌", "✌️"],
  ["✌🏽", "✌🏽"],
  ["☝️🏽", "☝🏽"],
  ["1⃣", "1️⃣"],
  ["#⃣", "#️⃣"],
  ["*⃣", "*️⃣"],
  ["🏳‍🌈", "🏳️‍🌈"],
  ["🏳️‍⚧", "🏳️‍⚧️"],
  ["🕵‍♂", "🕵️‍♂️"],
  ["🕵🏻‍♂", "🕵🏻‍♂️"],
  ["👁‍🗨", "👁️‍🗨️"],
  ["❤‍🔥", "❤️‍🔥"],
  ["👩‍❤‍👨", "👩‍❤️‍👨"],
  ["⛓‍💥", "⛓️‍💥"],
  ["⭐️", "⭐"],
  ["👍️", "👍"],
  ["©", "©️"],
  ["™", "™️"],
  ["▶", "▶️"],
  ["🅰", "🅰️"],
])("a reaction in its other spelling is read as one emoji: %s as %s", (spelling, emoji) => {
  expect(read("reaction.add", spelling)).toBe(emoji);
});

test.each(["1", "#", "ok", "", "\ufe0f", "\u20e3", "❤\ufe0e", "👍👍", "❤❤", "1\ufe0f", "🏽\u200d", "<b>", "a\ufe0f"])(
  "what is no emoji is refused: %j",
  (text) => {
    expect(read("reaction.add", text)).toBeUndefined();
    expect(read("reaction.remove", text)).toBeUndefined();
  },
);
