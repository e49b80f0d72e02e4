import { parseArgs } from "node:util";
import { readFailure, saveFailure } from "./fuzz/failure-files.ts";
import { failureList, fuzzTable } from "./fuzz/report.ts";
import type { Failure, TargetResult } from "./fuzz/result.ts";
import { TARGET_NAMES, TARGET_SHARES, type TargetName } from "./fuzz/target.ts";
import { runTarget } from "./fuzz/target-runner.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { integerOption, parseOrExit, positiveOption, seedOption, selectionOption } from "./report/options.ts";
import { writeSection } from "./report/section.ts";

const DEFAULT_INPUTS = 1_000_000;
const PROGRESS_INTERVAL_MS = 5_000;
/** One of them mostly waits: for a disk, a socket or Redis. */
const PROCESSES = 2;

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      inputs: { type: "string", default: String(DEFAULT_INPUTS) },
      seed: { type: "string" },
      only: { type: "string" },
      minutes: { type: "string" },
      replay: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      `npm run fuzz -- [--inputs ${DEFAULT_INPUTS}] [--seed N] [--only ${TARGET_NAMES.slice(0, 3).join(",")},…]`,
      "                [--minutes M] [--replay FILE]",
      "",
      "Gives the readers of input, and a real server, generated and mutated input: none may crash, hang, throw what is not",
      "documented, keep memory, or take more than 50 ms of the main thread. Inputs that reach new code are mutated further.",
      "",
      `--inputs   in all, divided among the targets`,
      "--seed     repeats a run: the same inputs in the same order",
      `--only     some of ${TARGET_NAMES.join(", ")}`,
      "--minutes  ends the run after this time",
      "--replay   runs the one input of a saved failure",
      "",
      "Exits with 1 after a failure, and saves its input, shrunk, in .cache/fuzz. A run of all targets with at least",
      `${DEFAULT_INPUTS.toLocaleString("en")} inputs is written to docs/reliability.md, with its failures. Ctrl+C ends it early.`,
    ].join("\n"),
  );
  process.exit(0);
}

const inputs = parseOrExit(() => integerOption("inputs", values.inputs, 1, 1_000_000_000));
const only = parseOrExit(() => selectionOption<TargetName>("only", values.only, TARGET_NAMES));
const minutes = parseOrExit(() =>
  values.minutes === undefined ? undefined : positiveOption("minutes", values.minutes, 10_000),
);
const seed = parseOrExit(() => seedOption(values.seed));

try {
  if (values.replay !== undefined) await replay(values.replay);
  else await interruptible(fuzzAll);
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}

async function fuzzAll(interrupt: AbortSignal): Promise<void> {
  const deadline = minutes === undefined ? [] : [AbortSignal.timeout(minutes * 60_000)];
  const signal = AbortSignal.any([interrupt, ...deadline]);
  const totalShare = only.reduce((sum, name) => sum + TARGET_SHARES[name], 0);
  const failures: Failure[] = [];
  const results = new Map<TargetName, TargetResult>();
  const running = new Map<TargetName, string>();
  console.log(`seed ${seed}`);
  const progress = setInterval(() => console.log([...running.values()].join("; ")), PROGRESS_INTERVAL_MS);
  const waiting = [...only];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined && !signal.aborted; name = waiting.shift()) {
      const share = Math.ceil((inputs * TARGET_SHARES[name]) / totalShare);
      const current = name;
      running.set(current, `${current}: starting`);
      const result = await runTarget(current, {
        inputs: share,
        seed,
        signal,
        onProgress: (done) =>
          running.set(current, `${current}: ${done.toLocaleString("en")} of ${share.toLocaleString("en")}`),
        onFailure: (failure) => {
          failures.push(failure);
          void reportFailure(failure);
        },
      });
      running.delete(current);
      if (result !== undefined) results.set(current, result);
    }
  };
  try {
    await Promise.all(Array.from({ length: PROCESSES }, work));
  } finally {
    clearInterval(progress);
  }
  const finished = TARGET_NAMES.flatMap((name) => results.get(name) ?? []);
  console.log(`\n${fuzzTable(finished)}\n`);
  if (failures.length > 0) process.exitCode = 1;
  const total = finished.reduce((sum, result) => sum + result.inputs, 0);
  if (finished.length < TARGET_NAMES.length || total < DEFAULT_INPUTS) return;
  await writeSection(
    { document: new URL("../../docs/reliability.md", import.meta.url), name: "fuzz", command: "npm run fuzz" },
    [
      `Run on ${new Date().toISOString().slice(0, 10)}, Node ${process.version.slice(1)}, \`npm run fuzz -- --inputs ${inputs} --seed ${seed}\`:`,
      "",
      fuzzTable(finished),
      ...failureList(finished),
    ],
  );
  console.log("Written to docs/reliability.md.");
}

async function reportFailure(failure: Failure): Promise<void> {
  const file = await saveFailure(failure);
  const input = JSON.stringify(failure.input);
  console.log(`FAILED ${failure.target}, input ${failure.index}: ${failure.message}`);
  console.log(`  ${input.length > 300 ? `${input.slice(0, 300)}…` : input}`);
  console.log(`  npm run fuzz -- --replay ${file}`);
}

/** Runs the input of a failure in this process, where a debugger reaches it. */
async function replay(file: string): Promise<void> {
  const { target, input } = await readFailure(file);
  const { openTarget } = await import("./fuzz/open-target.ts");
  const opened = await openTarget(target);
  const before = process.threadCpuUsage();
  try {
    await opened.run(input);
    const { user, system } = process.threadCpuUsage(before);
    console.log(`passed, ${((user + system) / 1000).toFixed(1)} ms of the main thread`);
  } catch (error) {
    console.log(error);
    process.exitCode = 1;
  } finally {
    await opened.close?.();
  }
}
