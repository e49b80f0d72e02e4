import { expect, test } from "vitest";
import { classifyMention } from "../../src/markup/mentions.ts";
import { buildRoomIndex, splitRoomReferences } from "../../src/markup/room-index.ts";

const ann = { id: "1", username: "Ann" };

test("matches the reader's name in any case, and @all if the server accepted it", () => {
  expect(classifyMention("aNN", ann, { mentions: ["1"], mentionsAll: false })).toBe("self");
  expect(classifyMention("Ａnn", ann, { mentions: ["1"], mentionsAll: false })).toBe("self");
  expect(classifyMention("all", ann, { mentions: [], mentionsAll: true })).toBe("self");
  expect(classifyMention("all", ann, { mentions: [], mentionsAll: false })).toBe("none");
});

test("treats a name as a mention only if the server found one", () => {
  expect(classifyMention("bob", ann, { mentions: ["2"], mentionsAll: false })).toBe("other");
  expect(classifyMention("bob", ann, { mentions: [], mentionsAll: false })).toBe("none");
  expect(classifyMention("bob", ann, { mentions: ["1"], mentionsAll: false })).toBe("none");
  expect(classifyMention("bob", ann, null)).toBe("other");
});

test("does not treat the author’s own name as a mention", () => {
  expect(classifyMention("ann", ann, { mentions: [], mentionsAll: false })).toBe("other");
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
