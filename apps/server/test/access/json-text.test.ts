import { expect, test } from "vitest";
import { JsonText } from "../../src/access/json-text.ts";

const VALUES = [
  null,
  true,
  0,
  -1.5,
  "",
  'a "quoted" text \\ with \u2028, \ud800 and 😀',
  [],
  [1, [2, { three: "3" }]],
  {},
  { a: { b: [null] } },
];

test.each(VALUES)("an object with %j is the same as JSON and without it", (value) => {
  const plain = { first: value, 'the "second"': value, list: [value] };
  const text = JsonText.object({
    first: new JsonText(JSON.stringify(value)),
    'the "second"': value,
    list: new JsonText(JSON.stringify([value])),
  });
  expect(text.text).toBe(JSON.stringify(plain));
});

test("leaves out what JSON leaves out", () => {
  expect(JsonText.object({ missing: undefined, made: () => 1, there: 1 }).text).toBe('{"there":1}');
  expect(JsonText.object({}).text).toBe("{}");
});

test("nests", () => {
  const inner = JsonText.object({ text: "inner" });
  expect(JsonText.object({ inner, twice: JsonText.object({ inner }) }).text).toBe(
    '{"inner":{"text":"inner"},"twice":{"inner":{"text":"inner"}}}',
  );
});
