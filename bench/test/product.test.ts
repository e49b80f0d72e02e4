import { describe, expect, it } from "vitest";
import { compareRows, slowerOf } from "../src/product/compare.ts";
import { loadConfig } from "../src/product/load-config.ts";
import { dueTimeIn, expandText, parseLoadConfig } from "../src/product/load-script.ts";
import { type LoadResult, type Sample, SUBJECTS, type Subject, sendersAt } from "../src/product/plan.ts";
import { limitOf, productSummaries, productTable, rowsOf } from "../src/product/report.ts";
import { addResults, type ProductResults } from "../src/product/results.ts";
import { WIRES } from "../src/product/wires.ts";
import { spreadOf } from "../src/report/spread.ts";

const STEP = { members: 500, rooms: 1, senders: 20, rate: 100, warmUpMs: 1_000, measureMs: 2_000 };

function sampleOf(
  subject: Subject,
  {
    round = 1,
    rate = 100,
    deliveries = 100_000,
    serverCpuMicros = 500_000,
    p99Ms = 10,
    ...rest
  }: Partial<Sample> & Partial<LoadResult> = {},
): Sample {
  const load: LoadResult = {
    elapsedMs: 2_000,
    deliveries,
    sent: 200,
    unsent: 0,
    refused: 0,
    closed: 0,
    closeCode: 0,
    frames: deliveries,
    reads: deliveries,
    bytes: deliveries * 140,
    cpuMicros: 400_000,
    samples: 1_000,
    p50Ms: 2,
    p99Ms,
    maxMs: 20,
    ...rest,
  };
  const { members, rooms, senders } = STEP;
  return {
    subject,
    members,
    rooms,
    senders,
    rate,
    round,
    load,
    serverCpuMicros,
    serverInstructions: rest.serverInstructions ?? null,
    serverCoreBusy: 0.5,
    clientCoreBusy: 0.5,
    rssBytes: 200e6,
  };
}

describe("the load's configuration", () => {
  it.each(SUBJECTS)("is read by the client in Node as it was written, for %s", (subject) => {
    const wire = WIRES[subject];
    const script = parseLoadConfig(loadConfig({ port: 80, step: STEP, wire, tokens: ["a", "b"] }));
    expect(script).toMatchObject({ port: 80, members: 500, senders: 20, rate: 100, warmUpMs: 1_000, measureMs: 2_000 });
    expect(script.message).toBe(wire.message);
    expect(script.delivery).toBe(wire.delivery);
    expect(script.hasLines).toBe(wire.hasLines ?? false);
    expect(script.steps.map(({ text }) => text)).toEqual(
      wire.steps.map((step) => ("say" in step ? step.say : step.await)),
    );
    expect(script.tokens).toEqual(["a", "b"]);
  });

  it.each(SUBJECTS)("sends messages of 135 bytes with their time, for %s", (subject) => {
    const script = parseLoadConfig(loadConfig({ port: 80, step: STEP, wire: WIRES[subject], tokens: ["a"] }));
    const message = expandText(script.message, script, { index: 3, n: 7, dueNs: 12_345n });
    const content = /\{"room":"general".*?"\}|"body":"([^"]*)"/.exec(message);
    expect(content?.[1] ?? content?.[0]).toHaveLength(135);
    expect(dueTimeIn(Buffer.from(message), script)).toBe(12_345);
  });

  it("numbers commands by whole numbers without leading zeros, and messages by UUIDs", () => {
    const script = parseLoadConfig(loadConfig({ port: 80, step: STEP, wire: WIRES.multichat, tokens: ["a"] }));
    const commands = [0, 1, 99_999].map(
      (n) =>
        JSON.parse(expandText(script.message, script, { index: 0, n, dueNs: 1n })) as { id: number; clientId: string },
    );
    expect(new Set(commands.map(({ id }) => id)).size).toBe(3);
    for (const { clientId } of commands) expect(clientId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(new Set(commands.map(({ clientId }) => clientId)).size).toBe(3);
  });

  it("replaces the placeholders of a member", () => {
    const script = parseLoadConfig("rooms 3\ntoken x\ntoken y\nrun\n");
    expect(expandText("%R %M %K %N", script, { index: 4, n: 9, dueNs: 0n })).toBe("2 4 x 9");
    expect(() => expandText("%Q", script, { index: 0, n: 0, dueNs: 0n })).toThrow("Unknown placeholder %Q");
    expect(() => parseLoadConfig("rooms\nrun\n")).toThrow('Expected a key and a value, got "rooms"');
  });

  it("has 20 senders, and 200 above 1,000 messages/s, as far as there are members", () => {
    expect([20, 1_000, 2_000, 8_000].map((rate) => sendersAt(rate, 500))).toEqual([20, 20, 200, 200]);
    expect(sendersAt(8_000, 50)).toBe(50);
  });
});

describe("the rows of the rounds", () => {
  it("are medians with spreads", () => {
    const [row, ...others] = rowsOf([80_000, 100_000, 90_000].map((deliveries) => sampleOf("ws", { deliveries })));
    expect(others).toEqual([]);
    expect(row?.deliveriesPerSecond).toEqual({ median: 45_000, min: 40_000, max: 50_000, rounds: 3 });
    expect(row?.deliveredShare).toBeCloseTo(0.9);
    expect(row?.bytesPerDelivery).toBe(140);
    expect(productTable(rowsOf([80_000, 100_000].map((deliveries) => sampleOf("ws", { deliveries }))))).toContain(
      "45,000 (40,000-50,000)",
    );
  });

  it("are in the order of the rates, and of the subjects", () => {
    const samples = [sampleOf("ws", { rate: 400 }), sampleOf("ws"), sampleOf("multichat")];
    expect(rowsOf(samples).map(({ subject, rate }) => `${subject} ${rate}`)).toEqual([
      "multichat 100",
      "ws 100",
      "ws 400",
    ]);
  });

  it("count what was disconnected and refused in all rounds", () => {
    const table = productTable(rowsOf([sampleOf("ws", { closed: 2 }), sampleOf("ws", { closed: 1, refused: 4 })]));
    expect(table).toContain("3, 4 refused");
  });

  it.each([
    ["nothing", { deliveredShare: 0.99, serverCpuShare: 1, serverCoreBusy: 1 }],
    ["server core", { serverCpuShare: 0.9, serverCoreBusy: 0.99 }],
    ["client core", { clientCpuShare: 0.9, clientCoreBusy: 0.99 }],
    ["disk", { serverCpuShare: 0.5, serverCoreBusy: 0.6, clientCoreBusy: 0.6 }],
    ["other programs", { serverCpuShare: 0.3, serverCoreBusy: 1 }],
    ["other programs", { clientCpuShare: 0.3, clientCoreBusy: 1 }],
  ])("name %s as the limit", (limit, row) => {
    const idle = { serverCpuShare: 0, clientCpuShare: 0, serverCoreBusy: 0, clientCoreBusy: 0 };
    expect(limitOf({ deliveredShare: 0.5, ...idle, ...row })).toBe(limit);
  });

  it("are compared with the others in the numbers to reach", () => {
    const rows = rowsOf([
      sampleOf("multichat", { deliveries: 200_000, serverCpuMicros: 900_000 }),
      sampleOf("socket.io", { deliveries: 50_000, p99Ms: 8 }),
      sampleOf("centrifugo"),
    ]);
    const lines = productSummaries(rows, spreadOf([1.5])).join("\n");
    expect(lines).toContain("multichat 100,000, 4.00 times that of socket.io");
    expect(lines).toContain("at 100 messages/s: multichat uses 0.90 times that of centrifugo");
    expect(lines).toContain("multichat 10.0 ms, socket.io 8.0 ms; a sync of the disk took 1.5 ms");
    expect(lines).toContain("Connections that multichat closed: 0.");
  });
});

describe("the comparison with earlier results", () => {
  const rowsWith = (serverCpuMicros: number, serverInstructions: number | null = null) =>
    rowsOf([sampleOf("multichat", { serverCpuMicros, serverInstructions }), sampleOf("ws")]);

  it("finds nothing slower in the same results", () => {
    const comparisons = compareRows(rowsWith(500_000), rowsWith(500_000));
    expect(comparisons).toHaveLength(2);
    expect(slowerOf(comparisons)).toEqual([]);
  });

  it("tolerates what two runs differ by, and names what is slower by more", () => {
    expect(slowerOf(compareRows(rowsWith(500_000), rowsWith(600_000)))).toEqual([]);
    const [slower, ...others] = slowerOf(compareRows(rowsWith(500_000), rowsWith(700_000)));
    expect(others).toEqual([]);
    expect(slower?.what).toBe("CPU per delivery at 100 messages/s to 500, in times that of ws");
    expect(slower?.measured).toBeCloseTo(1.4);
  });

  it("is stricter about instructions, where both runs counted them", () => {
    const slower = slowerOf(compareRows(rowsWith(500_000, 1e9), rowsWith(500_000, 1.1e9)));
    expect(slower.map(({ what }) => what)).toEqual(["instructions per delivery at 100 messages/s to 500"]);
    expect(slowerOf(compareRows(rowsWith(500_000), rowsWith(500_000, 1.1e9)))).toEqual([]);
  });

  it("compares only loads that both runs have", () => {
    const other = rowsOf([sampleOf("multichat", { rate: 20 }), sampleOf("ws", { rate: 20 })]);
    expect(compareRows(rowsWith(500_000), other)).toEqual([]);
  });

  it("ignores that others got slower", () => {
    const before = rowsOf([sampleOf("multichat"), sampleOf("ws", { serverCpuMicros: 100_000 })]);
    const after = rowsOf([sampleOf("multichat"), sampleOf("ws", { serverCpuMicros: 900_000 })]);
    expect(slowerOf(compareRows(before, after))).toEqual([]);
  });
});

it("adds the rounds of a run to those of earlier ones", () => {
  const results = (notes: readonly string[], samples: readonly Sample[]): ProductResults => ({
    command: "npm run bench:product",
    at: "2026-01-01T00:00:00.000Z",
    node: "v24.0.0",
    machine: "2 cores",
    client: "C",
    pinned: true,
    notes,
    syncMs: [1],
    samples,
  });
  const all = addResults(
    results(["a"], [sampleOf("ws")]),
    results(["a", "b"], [sampleOf("ws"), sampleOf("multichat")]),
  );
  expect(all.samples).toHaveLength(3);
  expect(all.notes).toEqual(["a", "b"]);
  expect(all.syncMs).toEqual([1, 1]);
});
