import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, isChecked } from "../lib/language.mjs";
import { NOT_CHECKED, PHRASES, WORDS } from "../lib/language-rules.mjs";

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

describe("what is not a violation", () => {
  it.each([
    ["a word inside another", "const keyboard = 1; // indeed, a firewall and a bookmark\n"],
    ["a hyphenated word of its own", "// measured by the wall-clock\n"],
    ["names that others declare", "const status = response.told;\n"],
    ["values without a space: codes, keys, paths", 'const key = "told";\n'],
    ["imports", 'import { told } from "whoever";\n'],
  ])("%s", (_, text) => {
    expect(findingsIn("src/b.ts", text)).toEqual([]);
  });
});

it("reads sources, documents and build files, and leaves recordings alone", () => {
  for (const file of ["a.ts", "a.tsx", "a.mjs", "a.css", "README.md", "Dockerfile", ".ci/run", "a.yml", "a.py"]) {
    expect([file, isChecked(file)]).toEqual([file, true]);
  }
  expect(NOT_CHECKED.some((pattern) => pattern.test("apps/server/test/golden/multichat.json"))).toBe(true);
  expect(NOT_CHECKED.some((pattern) => pattern.test("apps/server/src/main.ts"))).toBe(false);
});
