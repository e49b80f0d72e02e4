import { describe, expect, it } from "vitest";
import { busyShare } from "../src/report/cores.ts";
import { type CpuProfile, flameGraph } from "../src/report/flame-graph.ts";
import { plotLines } from "../src/report/line-plot.ts";
import { formatSpread, spreadOf } from "../src/report/spread.ts";
import { formatTable } from "../src/report/table.ts";
import { PLANS, SERIES } from "../src/scaling/plan.ts";
import { parseTables, partPage, summaryOf } from "../src/suite/tables.ts";

describe("a spread", () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3, rounds: 1 }],
    [[4, 2], { median: 3, min: 2, max: 4, rounds: 2 }],
    [[9, 1, 5], { median: 5, min: 1, max: 9, rounds: 3 }],
    [[4, 1, 3, 2], { median: 2.5, min: 1, max: 4, rounds: 4 }],
    [[7, 7, 7, 7, 8], { median: 7, min: 7, max: 8, rounds: 5 }],
  ])("of %j has its median and its bounds", (values, expected) => {
    expect(spreadOf(values)).toEqual(expected);
  });

  it("has no value without rounds", () => {
    expect(spreadOf([])).toEqual({ median: Number.NaN, min: Number.NaN, max: Number.NaN, rounds: 0 });
  });

  it("is written with its bounds where they differ as written", () => {
    const format = (value: number) => value.toFixed(0);
    expect(formatSpread(spreadOf([1, 2, 3]), format)).toBe("2 (1-3)");
    expect(formatSpread(spreadOf([2.1, 2.2, 1.9]), format)).toBe("2");
  });
});

it("reads how busy a core was between two readings", () => {
  const before = [{ busy: 100, total: 200 }];
  expect(busyShare(0, before, [{ busy: 175, total: 300 }])).toBe(0.75);
  expect(busyShare(0, before, before)).toBe(0);
  expect(busyShare(3, before, before)).toBe(0);
});

describe("a plot", () => {
  const line = (name: string, ys: readonly number[]) => ({
    name,
    points: ys.map((y, index) => ({ x: 10 ** index, y, low: y / 2, high: y * 2 })),
  });
  const svg = plotLines("Cost <of> all & everything", [
    { title: "first", xTitle: "members", lines: [line("ws", [1, 10, 100]), line("chat", [5, 5, 5])] },
    { title: "second", xTitle: "rooms", lines: [line("ws", [3, 0, -1])] },
    { title: "third", xTitle: "rooms", lines: [line("ws", [0])] },
  ]);

  it("is one file for light and dark pages", () => {
    expect(svg).toContain("@media (prefers-color-scheme: dark)");
    expect(svg).toContain("<title>Cost &lt;of&gt; all &amp; everything</title>");
  });

  it("draws a line and its points with their spread for each name, in one color", () => {
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    expect(svg.match(/<circle/g)).toHaveLength(7);
    const colors = [...svg.matchAll(/<polyline points="[^"]*" fill="none" stroke="(#[0-9a-f]+)"/g)].map(
      ([, color]) => color,
    );
    expect(colors[0]).toBe(colors[2]);
    expect(colors[1]).not.toBe(colors[0]);
  });

  it("leaves out values that a logarithmic axis cannot show", () => {
    expect(svg).toContain("no values");
    expect(svg).not.toContain("NaN");
    expect(svg).not.toContain("Infinity");
  });
});

describe("a flame graph", () => {
  const frame = (functionName: string) => ({ functionName, url: "file:///app/server.js", lineNumber: 4 });
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: { ...frame("(root)"), url: "" }, children: [2, 4, 5] },
      { id: 2, callFrame: frame("handle"), children: [3] },
      { id: 3, callFrame: frame("parse<T>") },
      { id: 4, callFrame: { ...frame("(idle)"), url: "" } },
      { id: 5, callFrame: frame("") },
    ],
    samples: [2, 3, 3, 4, 5],
    timeDeltas: [100, 300, 300, 5_000, 300],
  };
  const svg = flameGraph("main thread", profile);

  it("shows the share of each function in the time that was not idle", () => {
    expect(svg).toContain("<title>handle server.js:5: 70.0 %</title>");
    expect(svg).toContain("<title>parse&lt;T&gt; server.js:5: 60.0 %</title>");
    expect(svg).toContain("<title>(anonymous) server.js:5: 30.0 %</title>");
    expect(svg).not.toContain("(idle)");
    expect(svg).toContain("0.00 s busy");
  });

  it("draws a function above the one that called it", () => {
    const top = (name: string) => Number(new RegExp(`<title>${name}.*?y="(\\d+)"`).exec(svg)?.[1]);
    expect(top("parse")).toBeGreaterThan(top("handle"));
    expect(top("handle")).toBeGreaterThan(top("all"));
  });

  it("draws an empty profile", () => {
    expect(flameGraph("idle", { nodes: [], samples: [], timeDeltas: [] })).not.toContain("NaN");
  });
});

describe("the tables of an output", () => {
  const table = formatTable(
    ["messages/s", "subject"],
    [
      ["20", "ws"],
      ["100", "chat"],
    ],
  );
  const output = `round 1 ws\nround 1 chat\n\n${table}\n\n- Highest: chat\n\n${formatTable(["size"], [["1"]])}\n`;

  it("are read by the titles of their columns", () => {
    expect(parseTables(output)).toEqual([
      [
        { "messages/s": "20", subject: "ws" },
        { "messages/s": "100", subject: "chat" },
      ],
      [{ size: "1" }],
    ]);
    expect(parseTables("no | table\n| one line |\n")).toEqual([]);
  });

  it("begin what is kept of an output", () => {
    expect(summaryOf(output).startsWith("| messages/s")).toBe(true);
    expect(summaryOf("npm start, 10 starts: ready after 2 s")).toBe("npm start, 10 starts: ready after 2 s");
  });

  it("are written with their command, date and machine", () => {
    const page = partPage({
      name: "product",
      about: "fan-out",
      command: "npm run bench -- --only product",
      at: new Date("2026-11-30T05:00:00Z"),
      node: "v24.21.0",
      machine: "2 cores, some processor",
      output,
      plot: "product.svg",
    });
    expect(page).toContain("npm run bench -- --only product");
    expect(page).toContain("Measured on 2026-11-30, Node 24.21.0, 2 cores, some processor:");
    expect(page).toContain("![fan-out](product.svg)");
    expect(page).not.toContain("round 1");
  });
});

it.each(SERIES)("the series of %s spans three orders of magnitude, in whole rooms", (series) => {
  const { sizes, load } = PLANS[series];
  expect((sizes.at(-1) ?? 0) / (sizes[0] ?? 1)).toBe(1_000);
  for (const size of sizes) {
    const { members, rooms, rate } = load(size);
    expect(members / rooms).toBe(Math.round(members / rooms));
    expect(rate).toBeGreaterThan(0);
  }
});
