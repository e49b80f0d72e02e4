import { expect, test } from "vitest";
import { type MentionInfo, resolveMention } from "../../src/markup/mentions.ts";
import { buildRoomIndex, splitRoomReferences } from "../../src/markup/room-index.ts";

const ann = { id: "1", username: "Ann" };

/** Returns how a candidate is shown to Ann: the mention in brackets, `self` where it is she. */
function shown(text: string, found: Partial<MentionInfo> | null): string {
  const info = found === null ? null : { mentions: [], mentionNames: [], mentionsAll: false, ...found };
  const mention = resolveMention(text, ann, info);
  if (mention === undefined) return text;
  return `[${mention.mention}${mention.isSelf ? " self" : ""}]${mention.rest}`;
}

test("marks a mention of the reader in any spelling of the name, and @all if the server accepted it", () => {
  const found = { mentions: ["1"], mentionNames: ["ann"] };
  expect(shown("@aNN", found)).toBe("[@aNN self]");
  expect(shown("@Ａnn", found)).toBe("[@Ａnn self]");
  expect(shown("＠ann看", found)).toBe("[＠ann self]看");
  expect(shown("@all", { mentionsAll: true })).toBe("[@all self]");
  expect(shown("@all", { mentionNames: ["ann"] })).toBe("@all");
});

test.each([
  ["@bob", { mentions: ["2"], mentionNames: ["bob"] }, "[@bob]"],
  ["@nobody", { mentions: ["2"], mentionNames: ["bob"] }, "@nobody"],
  ["@nobody", { mentions: ["1"], mentionNames: ["ann"] }, "@nobody"],
  ["@nobody", {}, "@nobody"],
  ["@nobody看一下", { mentions: ["2"], mentionNames: ["bob"] }, "@nobody看一下"],
  ["@bobby", { mentions: ["2"], mentionNames: ["bob"] }, "@bobby"],
  ["@ann", {}, "@ann"],
  // The author's own name is not in `mentions`.
  ["@ann", { mentionNames: ["ann"] }, "[@ann]"],
  ["@bob", null, "@bob"],
  ["@all", null, "@all"],
])("an unknown name looks like text to everyone: %s with %j", (text, found, expected) => {
  expect(shown(text, found)).toBe(expected);
});

const room = (number: number, title: string, kind: "open" | "direct" = "open") => ({
  id: `r${number}`,
  number,
  title,
  kind,
  topic: "",
  staffOnly: false,
  archived: false,
  slowModeSeconds: 0,
  people: [],
  lastSeq: 0,
  createdAt: 0,
  role: null,
  mutedUntil: null,
  unread: 0,
  mentions: 0,
});
const index = buildRoomIndex([room(1, "General"), room(2, "General talk"), room(3, "İzmir"), room(9, "", "direct")]);

test.each([
  ["see #general.", ["see ", 1, "."]],
  ["#General talk and #General", [2, " and ", 1]],
  ["#2 #4 #22", [2, " #4 #22"]],
  ["#generally a#general ##1 &#1", ["#generally a#general ##1 &#1"]],
  ["in #İzmir!", ["in ", 3, "!"]],
  ["#9 is a conversation of two", ["#9 is a conversation of two"]],
])("finds the rooms in %j", (text, expected) => {
  const found = splitRoomReferences(text, index);
  expect(found.map((piece) => (typeof piece === "string" ? piece : piece.number))).toEqual(expected);
  expect(found.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("")).toBe(text);
});

const MORE_ROOMS = ["general", "日本語", "한국어", "Café", "Straße", "ＡＢＣ", "İstanbul", "Đà Nẵng"].map(
  (title, at) => ({
    number: at + 1,
    title,
  }),
);

test.each([
  ["请看#general", "#general", 1],
  ["#general看一下", "#general", 1],
  ["#generalさん", "#general", 1],
  ["한국#general", "#general", 1],
  ["ไทย#generalไทย", "#general", 1],
  ["#日本語です", "#日本語", 2],
  ["#한국어를", "#한국어", 3],
  ["第#2", "#2", 2],
  ["#2番", "#2", 2],
  ["＃general", "＃general", 1],
  ["①#general", "#general", 1],
  ["#GENERAL!", "#GENERAL", 1],
  ["#Cafe\u0301 x", "#Cafe\u0301", 4],
  ["#STRASSE", "#STRASSE", 5],
  ["#strasse.", "#strasse", 5],
  ["#abc", "#abc", 6],
  ["#ａｂｃ", "#ａｂｃ", 6],
  ["é #İSTANBUL", "#İSTANBUL", 7],
  ["#đà nẵng".normalize("NFD"), "#đà nẵng".normalize("NFD"), 8],
])("a room is found by its title in any spelling, in any script: %j", (text, reference, number) => {
  const rooms = buildRoomIndex(MORE_ROOMS.map(({ number, title }) => room(number, title)));
  const found = splitRoomReferences(text, rooms);
  expect(found).toContainEqual({ number, text: reference });
  expect(found.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("")).toBe(text);
});

test.each([
  "a#general",
  "é#general",
  "#generals",
  "#general1",
  "#Strass",
  "#22",
  "#caf",
  "##general",
  "/#general",
  "＃#general",
  "#general\u0301",
])("what is no reference: %j", (text) => {
  const rooms = buildRoomIndex(MORE_ROOMS.map(({ number, title }) => room(number, title)));
  expect(splitRoomReferences(text, rooms)).toEqual([text]);
});
