import { describe, expect, it } from "vitest";
import { parseMarkup } from "../../src/markup/index.ts";

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

const RUNS = ["*", "_"].flatMap((delimiter) => [7, 8, 20, 61, 500, 4_000].map((length) => delimiter.repeat(length)));

describe("runs of more than six delimiters, which would nest as deep as they are long", () => {
  it.each(RUNS.map((run) => [run.length, run[0], run] as const))("%i times %s is text", (_length, _delimiter, run) => {
    const text = `${run}text${run}`;
    expect(parseMarkup(text)).toEqual([{ kind: "paragraph", children: [{ kind: "text", text }] }]);
  });

  it.each(["******", "*****", "****", "***", "**"])("%s is markup", (run) => {
    expect(depthOf(parseMarkup(`${run}text${run}`))).toBeGreaterThan(depthOf(parseMarkup("text")));
  });

  it("keeps the tree shallow whatever the delimiters", () => {
    const openers = "****** *a ".repeat(100) + "******a ".repeat(400) + "__*_**a ".repeat(400);
    expect(depthOf(parseMarkup(`${openers}${"a****** ".repeat(900)}`))).toBeLessThanOrEqual(200);
  });
});
