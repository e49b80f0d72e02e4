import { describe, expect, it } from "vitest";
import { fuzzTarget } from "../src/fuzz/fuzz-target.ts";
import { openTarget } from "../src/fuzz/open-target.ts";
import { shrink } from "../src/fuzz/shrink.ts";
import { Finding, type Target, type TargetName } from "../src/fuzz/target.ts";

const SEED = 20_260_101;

/** About 20,000 inputs. `npm run fuzz` gives a million, with coverage and behind Redis. */
const SHORT_RUN = {
  markup: 6_000,
  search: 4_000,
  commands: 3_000,
  names: 5_000,
  codec: 500,
  "data-file": 400,
  "chat-socket": 500,
  "classic-socket": 300,
  http: 300,
  backup: 12,
} as const satisfies Partial<Record<TargetName, number>>;

const TARGETS = Object.entries(SHORT_RUN) as readonly [keyof typeof SHORT_RUN, number][];

describe("fuzzing", () => {
  it.each(TARGETS)("%s handles %i generated inputs without a failure", async (name, inputs) => {
    const target = await openTarget(name);
    try {
      const result = await fuzzTarget(name, target, { inputs, seed: SEED, isGuided: false });
      expect(result.failures).toEqual([]);
      expect(result.inputs).toBe(inputs);
    } finally {
      await target.close?.();
    }
  });
});

describe("the fuzzer", () => {
  const planted = (run: Target["run"]): Target => ({ corpus: ["a"], generate: () => "xxbxx", run });

  it("reports what is thrown, with the shortest input", async () => {
    const target = planted((input) => {
      if (input.includes("b")) throw new Finding("planted");
    });
    const { failures } = await fuzzTarget("markup", target, { inputs: 100, seed: 1 });
    expect(failures).toMatchObject([{ message: "planted", input: "b", seed: 1 }]);
  });

  it("reports an input that takes more than 50 ms of processor time", async () => {
    const target = planted((input) => {
      const before = process.threadCpuUsage();
      while (input === "xxbxx" && process.threadCpuUsage(before).user < 60_000);
    });
    const { failures } = await fuzzTarget("markup", target, { inputs: 6, seed: 1 });
    expect(failures[0]?.message).toMatch(/took \d+ ms of the main thread/);
  });

  it("reports memory that grows with the inputs", async () => {
    const retained: string[] = [];
    const target = planted(() => {
      retained.push("x".repeat(100).concat(String(retained.length)).padEnd(500_000, String(Math.random())));
      Buffer.from(retained.at(-1) ?? "");
    });
    const { failures } = await fuzzTarget("markup", target, { inputs: 500, seed: 1 });
    expect(failures[0]?.message).toMatch(/the heap grew from/);
  });

  it("repeats a run by its seed", async () => {
    const runWith = async (seed: number) => {
      const inputs: string[] = [];
      await fuzzTarget(
        "markup",
        planted((input) => void inputs.push(input)),
        { inputs: 200, seed },
      );
      return inputs;
    };
    expect(await runWith(7)).toEqual(await runWith(7));
    expect(await runWith(8)).not.toEqual(await runWith(7));
  });

  it("mutates inputs further that reach new code", async () => {
    const target = await openTarget("search");
    const { coverage, corpus } = await fuzzTarget("search", target, { inputs: 400, seed: SEED });
    expect(coverage?.after).toBeGreaterThanOrEqual(coverage?.before ?? 0);
    expect(corpus.after).toBeGreaterThanOrEqual(corpus.before);
  });

  it("shrinks to the part that fails", async () => {
    expect(await shrink("aaaa<>bbbb", async (candidate) => candidate.includes("<>"))).toBe("<>");
  });
});
