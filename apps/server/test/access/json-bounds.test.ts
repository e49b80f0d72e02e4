import fc from "fast-check";
import { expect, test } from "vitest";
import { isCheapJson, MAX_JSON_MEMBERS } from "../../src/access/json-bounds.ts";
import { parseFrame } from "../../src/consumers/chat/command-reader.ts";
import { readClassicCommand } from "../../src/consumers/classic/classic-command.ts";

const SIZE = 60_000;
const COSTLY: readonly (readonly [name: string, text: string])[] = [
  ["lists in each other", `{"a":${"[".repeat(SIZE)}${"]".repeat(SIZE)}}`],
  ["objects in each other", `${'{"a":'.repeat(SIZE)}0${"}".repeat(SIZE)}`],
  ["both in turn", `${'[{"a":'.repeat(SIZE)}0${"}]".repeat(SIZE)}`],
  ["lists that are never closed", "[".repeat(SIZE)],
  ["lists with spaces between", "[ ".repeat(SIZE)],
  ["a list of numbers", `[${"1,".repeat(SIZE)}0]`],
  ["a list of texts", `[${'"a",'.repeat(SIZE)}""]`],
  ["a list of lists", `[${"[],".repeat(SIZE)}[]]`],
  ["a list of objects", `[${"{},".repeat(SIZE)}{}]`],
  ["an object of many keys", `{${Array.from({ length: 5_000 }, (_, index) => `"key${index}":0`).join(",")}}`],
  ["keys with escapes", `{${Array.from({ length: 5_000 }, (_, index) => `"\\"\\\\${index}":0`).join(",")}}`],
  ["after a long text", `{"a":"${'\\\\\\"'.repeat(5_000)}","b":[${"1,".repeat(SIZE)}0]}`],
];

test.each(COSTLY)("JSON that costs much to parse is refused unparsed: %s", (_name, text) => {
  expect(isCheapJson(text)).toBe(false);
  expect(parseFrame(text)).toBeUndefined();
  expect(readClassicCommand(text)).toEqual({ kind: "error", code: "COMMAND_INVALID" });
});

test("what is inside texts does not count", () => {
  for (const inside of ["[", "{", ",", "]", '\\"', "\\\\", '\\",[', "\\\\,"]) {
    const text = JSON.stringify({ id: 1 }).replace("}", `,"body":"${inside.repeat(30_000)}"}`);
    expect(isCheapJson(text)).toBe(true);
    expect(parseFrame(text)).toMatchObject({ id: 1 });
  }
});

test("as many members as there may be pass, and with one more none", () => {
  const list = (length: number) => JSON.stringify(Array.from({ length }, () => "texts"));
  expect(isCheapJson(list(MAX_JSON_MEMBERS))).toBe(true);
  expect(isCheapJson(list(MAX_JSON_MEMBERS + 1))).toBe(false);
});

test("any value of ordinary size passes, however it is written", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.string({ unit: "binary", maxLength: 3_000 }), (value, body) => {
      const text = JSON.stringify({ value, body });
      const members = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "").replaceAll(/[^,[{]/g, "").length;
      expect(isCheapJson(text, 500)).toBe(members <= 500 || text.length <= 500);
    }),
  );
});
