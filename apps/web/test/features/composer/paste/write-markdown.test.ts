import { parseMarkup } from "@multichat/protocol/markup";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  describeBlocks,
  fromParsed,
  type PastedBlock,
  type Span,
} from "../../../../src/features/composer/paste/pasted-block.ts";
import { writeMarkdown } from "../../../../src/features/composer/paste/write-markdown.ts";

const word = fc.constantFrom("word", "text", "é", "عريض", "世界", "42");
const sign = fc.constantFrom(
  ..."*_~`|[]()#>-+.@\\:/!<",
  ..."** || ~~ ``` [x] 1. 1) - > # ## --- snake_case C:\\_temp\\* ¯\\_(ツ)_/¯ @alice https://a.example/x_y_z ](https://b.example) :tada: 2*3*4".split(
    " ",
  ),
);
/** Without spaces at its ends and without two in a row, as the reader of the document leaves them. */
const textOf = (piece: fc.Arbitrary<string>) =>
  fc
    .array(fc.tuple(piece, piece), { minLength: 1, maxLength: 4 })
    .map((pairs) => pairs.map((p) => p.join("")).join(" "));

const formatOf = fc.record(
  {
    strong: fc.boolean(),
    emphasis: fc.boolean(),
    strikethrough: fc.boolean(),
    code: fc.boolean(),
    href: fc.constantFrom(undefined, "https://example.org/a", "https://example.org/%28b%29"),
  },
  { requiredKeys: [] },
);

/** Spans that a space separates. */
function spansOf(piece: fc.Arbitrary<string>, format: typeof formatOf): fc.Arbitrary<Span[]> {
  const span = fc.record({ text: textOf(piece), format }).map((made): Span => ({ ...made.format, text: made.text }));
  return fc
    .array(span, { minLength: 1, maxLength: 4 })
    .map((spans) => spans.flatMap((made, index) => (index === 0 ? [made] : [{ text: " " }, made])));
}

function blocksOf(spans: fc.Arbitrary<Span[]>): fc.Arbitrary<PastedBlock[]> {
  const { blocks } = fc.letrec<{ blocks: PastedBlock[]; block: PastedBlock }>((tie) => ({
    blocks: fc.array(tie("block"), { minLength: 1, maxLength: 3, depthIdentifier: "blocks" }),
    block: fc.oneof(
      { depthIdentifier: "blocks", maxDepth: 3 },
      fc.record({ kind: fc.constant("paragraph" as const), spans }),
      fc.record({ kind: fc.constant("heading" as const), level: fc.integer({ min: 1, max: 6 }), spans }),
      fc.record({
        kind: fc.constant("code" as const),
        language: fc.constantFrom("", "ts", "c++"),
        text: fc.constantFrom("a", "a\n  b", "```\nx\n```", "\n> a\n\n- b", "`"),
      }),
      fc.record({
        kind: fc.constant("table" as const),
        rows: fc.array(fc.array(spans, { minLength: 2, maxLength: 2 }), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant("quote" as const), children: tie("blocks") }),
      fc.record({
        kind: fc.constant("list" as const),
        start: fc.constantFrom(null, 1, 3, 99),
        items: fc.array(
          fc.record(
            { isDone: fc.constantFrom(undefined, true, false), children: tie("blocks") },
            { noNullPrototype: true },
          ),
          { minLength: 1, maxLength: 3 },
        ),
      }),
    ),
  }));
  return blocks;
}

const parsed = (markdown: string | undefined) => fromParsed(parseMarkup(markdown ?? ""));

test("what is written of words and their formats is parsed as the same blocks and formats", () => {
  fc.assert(
    fc.property(blocksOf(spansOf(word, formatOf)), (blocks) => {
      expect(describeBlocks(parsed(writeMarkdown(blocks)), { format: true })).toBe(
        describeBlocks(blocks, { format: true }),
      );
    }),
    { numRuns: 300 },
  );
});

test("text that looks like markup is parsed as the same text, in the same blocks", () => {
  fc.assert(
    fc.property(blocksOf(spansOf(fc.oneof(word, sign), formatOf)), (blocks) => {
      expect(describeBlocks(parsed(writeMarkdown(blocks)), { format: false })).toBe(
        describeBlocks(blocks, { format: false }),
      );
    }),
    { numRuns: 500 },
  );
});

test("no depth and no length is too much", () => {
  let nested: PastedBlock = { kind: "paragraph", spans: [{ text: "deep" }] };
  for (let depth = 0; depth < 60; depth += 1) {
    nested = { kind: "list", start: null, items: [{ children: [{ kind: "quote", children: [nested] }] }] };
  }
  expect(writeMarkdown([nested])).toContain("deep");
  const long: PastedBlock = {
    kind: "paragraph",
    spans: Array.from({ length: 20_000 }, (_, at) => ({ text: `w${at}*_ `, strong: at % 2 === 0 })),
  };
  expect(writeMarkdown([long])).toContain("w19999");
});

test("nothing is written of nothing", () => {
  expect(writeMarkdown([{ kind: "rule" }, { kind: "paragraph", spans: [{ text: " " }] }])).toBeUndefined();
});
