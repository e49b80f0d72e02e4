import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, findTask, parseMarkup, setTask } from "../../src/markup/index.ts";

/** Returns the positions of all boxes. */
function positionsIn(blocks: readonly Block[]): number[] {
  return blocks.flatMap((block) => {
    if (block.kind === "quote") return positionsIn(block.children);
    if (block.kind !== "list") return [];
    return block.items.flatMap((item, index) => [
      ...(block.tasks?.[index] === undefined ? [] : [block.tasks[index].position]),
      ...positionsIn(item),
    ]);
  });
}

const LINES = fc.constantFrom(
  "- [ ] a",
  "- [x] a",
  "  - [ ] b",
  "> - [X] c",
  "> > 1. [ ] d",
  "- [ ] - [x] e",
  "\t- [ ] f",
  "text",
  "",
  "- g",
  "```",
);

test("a box can be ticked and cleared at its place, whatever is around it", () => {
  fc.assert(
    fc.property(fc.array(LINES, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (lines, lineBreak) => {
      const body = lines.join(lineBreak);
      const positions = positionsIn(parseMarkup(body));
      for (const position of positions) {
        expect(body.slice(position - 1, position + 2)).toMatch(/^\[[ xX]\]$/);
        const address = findTask(body, position);
        if (address === undefined) throw new Error(`expected a task at ${position}`);
        const ticked = setTask(body, address, { isDone: true });
        expect(ticked?.slice(position, position + 1)).toMatch(/[xX]/);
        const cleared = setTask(ticked ?? "", address, { isDone: false });
        expect(cleared).toBe(`${body.slice(0, position)} ${body.slice(position + 1)}`);
        expect(positionsIn(parseMarkup(cleared ?? ""))).toEqual(positions);
      }
    }),
    { numRuns: 500 },
  );
});

test("a task is found again after an edit, by its text", () => {
  const before = "- [ ] milk\n- [ ] bread\n- [ ] bread";
  const address = findTask(before, before.lastIndexOf("[") + 1);
  if (address === undefined) throw new Error("expected a task");
  expect(setTask("# Today\n- [x] eggs\n- [ ] bread\n- [ ] bread", address, { isDone: true })).toBe(
    "# Today\n- [x] eggs\n- [ ] bread\n- [x] bread",
  );
  expect(setTask("- [ ] milk\n- [ ] bread", address, { isDone: true })).toBeUndefined();
  expect(findTask(before, 0)).toBeUndefined();
});
