// `npm test`: everything that is checked, in named steps; `.ci/run` runs the same.
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { install } from "./lib/install.mjs";
import { withLock } from "./lib/lock.mjs";
import { checkMachine, ROOT, ScriptError } from "./lib/machine.mjs";
import { reportFailure, secondsSince, step, stopOnSignals } from "./lib/progress.mjs";
import { startServices } from "./lib/services.mjs";
import { changedFiles } from "./lib/tests/changed-files.mjs";
import { runSideBySide } from "./lib/tests/run-side-by-side.mjs";
import { CHANGED_STEPS, STEPS } from "./lib/tests/test-steps.mjs";

/** @typedef {import("./lib/tests/test-steps.mjs").Step} Step */

const HELP = `npm test [-- --only STEP[,STEP ...]] [-- --changed[=BASE]] [-- --list]

Installs the packages, starts the services that the tests need on free ports, and runs every step. The last line is
"N passed, N failed": tests, and one for each step that is not made of tests.

  --only STEP[,STEP]  runs these steps alone
  --changed[=BASE]    runs the quick checks on everything and the tests that a change touches, in under a minute: what is
                      committed since the branch left BASE (main), uncommitted, or untracked. Tests that take longer are
                      named and left to the full run
  --list              lists the steps

For example: npm test -- --only types,tests

Steps: ${STEPS.map(({ name }) => name).join(", ")}`;

/** Most steps wait for other processes, so one more than there are cores runs at a time. */
const MAX_STEPS_AT_ONCE = availableParallelism() + 1;

/** @param {readonly string[]} args */
function readArguments(args) {
  /** @type {string[]} */
  const only = [];
  /** @type {string | undefined} */
  let base;
  let isList = false;
  for (let index = 0; index < args.length; index++) {
    const [option, value] = (args[index] ?? "").split("=");
    if (option === "--changed") base = value ?? "main";
    else if (option === "--list") isList = true;
    else if (option === "--only") {
      const names = (value ?? args[++index] ?? "").split(",").filter((name) => name !== "");
      if (names.length === 0) throw new ScriptError("Expected --only to name steps; see npm test -- --list");
      only.push(...names);
    } else throw new ScriptError(`Unknown option ${option}; see npm test -- --help`);
  }
  const unknown = only.filter((name) => !STEPS.some((known) => known.name === name));
  if (unknown.length > 0) {
    throw new ScriptError(
      `Unknown step ${unknown.join(", ")}: expected one of ${STEPS.map(({ name }) => name).join(", ")}.`,
    );
  }
  return { only, base, isList };
}

/** @param {Pick<ReturnType<typeof readArguments>, "only" | "base">} options */
function selectSteps({ only, base }) {
  if (only.length > 0) return STEPS.filter(({ name }) => only.includes(name));
  return base === undefined ? STEPS : STEPS.filter(({ name }) => CHANGED_STEPS.includes(name));
}

/** Counts and the lines of the summary, by step. */
class Summary {
  passed = 0;
  failed = 0;
  /** @type {string[]} */
  skipped = [];
  /** @type {Map<string, string>} */
  #lines = new Map();

  /** @param {string} name @param {number} startedAt @param {string} remark */
  recordSuccess(name, startedAt, remark) {
    this.#record("✓", name, startedAt, remark);
  }

  /** @param {string} name @param {number} startedAt @param {string} remark */
  recordFailure(name, startedAt, remark) {
    this.#record("✗", name, startedAt, remark);
  }

  /** @param {string} mark @param {string} name @param {number} startedAt @param {string} remark */
  #record(mark, name, startedAt, remark) {
    this.#lines.set(name, `${mark} ${name.padEnd(10)} ${secondsSince(startedAt).padStart(8)}  ${remark}`);
  }

  /** @param {readonly Step[]} steps */
  print(steps) {
    const names = ["install", "services", ...steps.map(({ name }) => name)];
    console.log(`\n${names.flatMap((name) => this.#lines.get(name) ?? []).join("\n")}`);
    if (this.skipped.length > 0) {
      console.log(`\nSkipped, each with its reason in its title or beside it:\n  ${this.skipped.join("\n  ")}`);
    }
    console.log(`\n${this.passed} passed, ${this.failed} failed`);
  }
}

/** @param {Step} job @param {import("./lib/tests/test-steps.mjs").StepContext} context @param {Summary} summary */
async function runStep(job, context, summary) {
  const startedAt = Date.now();
  let isCounted = false;
  try {
    const remark = await step(job.name, async () => {
      const result = await job.run(context);
      summary.passed += result.passed;
      summary.failed += result.failed;
      summary.skipped.push(...(result.skipped ?? []));
      isCounted = result.failed > 0;
      if (isCounted) throw new ScriptError(result.summary, result.advice);
      return result.summary;
    });
    summary.recordSuccess(job.name, startedAt, remark);
  } catch (failure) {
    // On the same stream as the summary, whose last line must be the last of all.
    reportFailure(failure, console.log);
    if (!isCounted) summary.failed++;
    summary.recordFailure(job.name, startedAt, job.description);
  }
}

/** @param {readonly Step[]} steps @param {readonly string[]} [changed] */
async function runAll(steps, changed) {
  const startedAt = Date.now();
  const summary = new Summary();
  /** @type {import("./lib/services.mjs").Services | undefined} */
  let services;
  try {
    const node = await withLock(install);
    summary.recordSuccess("install", startedAt, `Node ${node.version}`);
    summary.passed++;
    /** @type {readonly Step[]} */
    const jobs = steps.some(({ needsServices }) => needsServices)
      ? [
          {
            name: "services",
            description: "Redis and Postgres on free ports",
            run: async () => {
              services = await startServices();
              return { passed: 1, failed: 0, summary: services.summary };
            },
          },
          ...steps.map((job) => (job.needsServices ? { ...job, after: [...(job.after ?? []), "services"] } : job)),
        ]
      : steps;
    await runSideBySide(jobs, MAX_STEPS_AT_ONCE, async (job) => {
      const context = { node: node.path, env: services?.env ?? {}, ...(changed === undefined ? {} : { changed }) };
      await runStep(job, context, summary);
    });
  } catch (failure) {
    reportFailure(failure, console.log);
    // Without packages no step can run, so each counts as failed.
    summary.failed += steps.length;
    console.log("✗ The steps could not be run.");
  } finally {
    await services?.stop();
  }
  summary.print(steps);
  return summary.failed === 0 ? 0 : 1;
}

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(HELP);
} else {
  try {
    checkMachine();
    const options = readArguments(args);
    if (options.isList) for (const { name, description } of STEPS) console.log(`${name.padEnd(12)}${description}`);
    else {
      stopOnSignals();
      mkdirSync(join(ROOT, ".cache"), { recursive: true });
      const changed = options.base === undefined ? undefined : changedFiles(options.base);
      process.exitCode = await runAll(selectSteps(options), changed);
    }
  } catch (failure) {
    reportFailure(failure, console.log);
    console.log("\n0 passed, 1 failed");
    process.exitCode = 1;
  }
}
