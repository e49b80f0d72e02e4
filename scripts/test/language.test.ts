import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, isChecked } from "../lib/language/check-language.mjs";
import { NOT_CHECKED, PHRASES, WORDS } from "../lib/language/language-rules.mjs";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "multichat-language-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Plants a file and returns the words that the check finds in it, with their lines. */
function findingsIn(file: string, text: string): string[] {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  return check(root, file).map(({ word, line }) => `${word}:${line}`);
}

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const names = WORDS.filter(({ kinds }) => kinds.includes("names")).flatMap(({ word, forms = [] }) => [word, ...forms]);
const prose = WORDS.filter(({ kinds }) => kinds.includes("prose")).flatMap(({ word, forms = [] }) => [word, ...forms]);

describe("a planted violation", () => {
  it.each(names)("is found in a name: %s", (word) => {
    expect(findingsIn("src/a.ts", `\nexport const ${word}Room = 1;\n`)).toContain(`${word}:2`);
    expect(findingsIn("src/a.ts", `interface Room {\n  is${capitalized(word)}: boolean;\n}\n`)).toContain(`${word}:2`);
    expect(findingsIn(`src/room-${word}.ts`, "export const room = 1;\n")).toContain(`${word}:1`);
  });

  it.each(prose)("is found in prose: %s", (word) => {
    expect(findingsIn("src/a.ts", `const a = 1;\n/** Rooms, ${word}. */\n`)).toContain(`${word}:2`);
    expect(findingsIn("src/a.ts", `const a = 1;\nconst b = "rooms, ${word} later";\n`)).toContain(`${word}:2`);
    expect(findingsIn("src/a.ts", `const a = 1;\nconst b = \`rooms \${a} ${word} later\`;\n`)).toContain(`${word}:2`);
    expect(findingsIn("src/a.tsx", `const a = (\n  <p>rooms {1} ${word}, later</p>\n);\n`)).toContain(`${word}:2`);
    expect(findingsIn("docs/a.md", `# Rooms\n${capitalized(word)}.\n`)).toContain(`${word}:2`);
    expect(findingsIn("src/a.css", `.a {\n  /* rooms, ${word} */\n}\n`)).toContain(`${word}:2`);
  });

  it.each(PHRASES)("is found in prose: $example", ({ phrase, example }) => {
    expect(example).toMatch(phrase);
    expect(findingsIn("src/a.ts", `const a = 1;\n// Rooms: ${example}.\n`)).toHaveLength(1);
    expect(findingsIn("docs/a.md", `# Rooms\nRooms: ${example}.\n`)).toHaveLength(1);
  });

  it("is found after templates, regular expressions and JSX", () => {
    const text = [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: source text with nested templates.
      "const a = `${[1].map((x) => `${x}/*`).join(`}`)}`;",
      "const b = /[/*]\"'`/.test(a) ? 4 / 2 : 1;",
      "// whoever",
      "const c = (<p title=\"it's\">it's {/* told */} `</p>);",
      "// anew",
    ].join("\n");
    const found = findingsIn("src/a.tsx", text);
    expect(found).toContain("whoever:3");
    expect(found).toContain("told:4");
    expect(found).toContain("anew:5");
  });
});

describe("a planted violation in a place that is easily overlooked", () => {
  const places: [place: string, file: string, text: string, word: string][] = [
    ["a name with a number", "a.ts", "const seat2 = 1;", "seat"],
    ["a part of a camel-case name", "a.ts", "const lastToldRoomIds = [];", "told"],
    ["an acronym before it", "a.ts", "const HTTPDoor = 1;", "door"],
    ["a destructured name", "a.ts", "const { room: toldRoom } = event;", "told"],
    ["a callback's parameter", "a.ts", "rooms.map((toldRoom) => 1);", "told"],
    ["a member of an enum", "a.ts", "enum Kind { Crowd }", "crowd"],
    ["a class expression", "a.ts", "const a = class Herd {};", "herd"],
    ["a namespace", "a.ts", "namespace House {}", "house"],
    ["an alias of an import", "a.ts", 'import { a as tellRoom } from "./b.ts";', "tell"],
    ["an alias of an export", "a.ts", "export { a as tellRoom };", "tell"],
    ["a default import", "a.ts", 'import keeper from "./b.ts";', "keeper"],
    ["a namespace import", "a.ts", 'import * as house from "./b.ts";', "house"],
    ["a quoted key", "a.ts", 'const a = { "told-rooms": 1 };', "told"],
    ["a quoted property of a type", "a.ts", 'interface A { "room.told": 1 }', "told"],
    ["a value of a union", "a.ts", 'type Kind = "seated" | "left";', "seated"],
    ["a test's title of one word", "a.test.ts", 'it("seats", () => {});', "seats"],
    ["a title of test.each", "a.test.ts", 'test.each([1])("seats", () => {});', "seats"],
    ["a text of one word", "en.ts", 'const a = { title: "Walls" };', "walls"],
    ["a text of one word with a mark", "en.ts", 'const a = { title: "Whoever…" };', "whoever"],
    ["JSX of one word", "a.tsx", "const a = <b>walls</b>;", "walls"],
    ["a label for screen readers", "a.tsx", 'const a = <b aria-label="walls" />;', "walls"],
    ["a data attribute", "a.tsx", "const a = <b data-wall={1} />;", "wall"],
    ["a class name in JSX", "a.tsx", 'const a = <b className="wall" />;', "wall"],
    ["a table", "a.ts", "const a = `create table kept (id text)`;", "kept"],
    ["a column", "a.ts", "const a = sql`select kept from room`;", "kept"],
    ["an OpenAPI summary in JSON", "openapi.json", '{ "summary": "Rooms that were told" }', "told"],
    ["a key in JSON", "a.json", '{ "keptRooms": 1 }', "kept"],
    ["a key in YAML", "a.yml", "kept-rooms: 1", "kept"],
    ["a comment in YAML", "a.yml", "a: 1 # told", "told"],
    ["a comment in a Dockerfile", "Dockerfile", "# whoever starts it", "whoever"],
    ["a comment in .dockerignore", ".dockerignore", "# told", "told"],
    ["a CSS class", "a.css", ".keptRow { color: red }", "kept"],
    ["a CSS class with hyphens", "a.css", ".row > .kept-row:hover,\n.b {}", "kept"],
    ["a CSS property", "a.css", "a { --kept-width: 1px }", "kept"],
    ["an HTML id", "a.html", '<p id="keptRow"></p>', "kept"],
    ["a function in Python", "a.py", "def tell_room(room):", "tell"],
    ["a class in Python", "a.py", "class KeptRooms:", "kept"],
    ["a variable in Python", "a.py", "    kept = []", "kept"],
    ["a parameter in Python", "a.py", "def room(kept, a=1):", "kept"],
    ["a name in a comment", "a.ts", "// see tellRoom", "tell"],
    ["a name in an error", "a.ts", 'throw new Error("expected usualPage to be set");', "usual"],
    ["a name in Markdown", "a.md", "Call `client.tellRoom()`.", "tell"],
    ["a constant in Markdown", "a.md", "KEPT_ROOMS is a limit.", "kept"],
    ["a possessive", "a.md", "The crowd's size.", "crowd"],
    ["a compound with a hyphen", "a.md", "A room-wide crowd-sized limit, told-once.", "told"],
    ["the name of an image", "docs/the-house.png", "", "house"],
    ["the name of a folder", "src/seats/room.ts", "", "seats"],
    ["an Arabic catalogue's comment", "src/i18n/ar.ts", "// told", "told"],
  ];

  it.each(places)("%s", (_, file, text, word) => {
    expect(findingsIn(file, text)).toContain(`${word}:1`);
  });

  it.each([
    ["a comment of several lines", "a.ts", "const a = 1;\n// ten at the\n// most", "at the most:2"],
    ["a doc comment", "a.ts", "/**\n * Ten at\n * the most.\n */", "at the most:2"],
    ["a paragraph", "a.md", "Rooms: ten at\nthe most.", "at the most:1"],
    ["a list in Markdown", "a.md", "- one\n- ten at the\n  most", "at the most:2"],
    ["a text of several lines", "a.ts", "const a = `rooms: ten at the\nmost`;", "at the most:1"],
  ])("a phrase over the end of a line: %s", (_, file, text, found) => {
    expect(findingsIn(file, text)).toEqual([found]);
  });
});

describe("what is not a violation", () => {
  it.each([
    ["a word inside another", "const keyboard = 1; // indeed, a firewall and a bookmark\n"],
    ["a hyphenated word of its own", "// measured by the wall-clock\n"],
    ["names that others declare", "const status = response.told;\n"],
    ["values without a space: codes, keys, paths", 'const key = "told";\n'],
    ["imports", 'import { told } from "whoever";\n'],
    ["identifiers that contain a word by chance", "const wallet = 1; // earlyBird, dashboardRows\n"],
  ])("%s", (_, text) => {
    expect(findingsIn("src/b.ts", text)).toEqual([]);
  });
});

it("reads sources, documents and build files, and leaves recordings alone", () => {
  for (const file of [
    "a.ts",
    "a.tsx",
    "a.mjs",
    "a.css",
    "README.md",
    "Dockerfile",
    ".ci/run",
    "a.yml",
    "a.py",
    "a.json",
  ]) {
    expect([file, isChecked(file)]).toEqual([file, true]);
  }
  expect(NOT_CHECKED.some((pattern) => pattern.test("apps/server/test/golden/multichat.json"))).toBe(true);
  expect(NOT_CHECKED.some((pattern) => pattern.test("apps/server/src/main.ts"))).toBe(false);
  expect(isChecked("docs/rooms.png")).toBe(false);
});
