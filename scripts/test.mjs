// `npm test`: everything that is checked, in named steps; `.ci/run` runs the same.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { install } from "./lib/install.mjs";
import { alone } from "./lib/lock.mjs";
import { checkMachine, ROOT, Trouble } from "./lib/machine.mjs";
import { report, seconds, step, stopOnSignals } from "./lib/progress.mjs";
import { startServices } from "./lib/services.mjs";
import { STEPS } from "./lib/test-steps.mjs";

const HELP = `npm test [-- --only STEP[,STEP ...]] [-- --list]

Installs the packages, starts the services that the tests need on spare ports, and runs every step. The last line is
"N passed, N failed": tests, and one for each step that is not made of tests.

Steps: ${STEPS.map((one) => one.name).join(", ")}`;

/** @param {readonly string[]} args */
function readArguments(args) {
  /** @type {string[]} */
  const only = [];
  for (let place = 0; place < args.length; place++) {
    const [name, inline] = (args[place] ?? "").split("=");
    if (name !== "--only") throw new Trouble(`Unknown option ${name}; see npm test -- --help`);
    const value = inline ?? args[++place] ?? "";
    only.push(...value.split(",").filter((one) => one !== ""));
  }
  const unknown = only.filter((name) => !STEPS.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new Trouble(`There is no step ${unknown.join(", ")}; there are ${STEPS.map((one) => one.name).join(", ")}.`);
  }
  return STEPS.filter((one) => only.length === 0 || only.includes(one.name));
}

/** @param {readonly import("./lib/test-steps.mjs").Step[]} steps */
async function runAll(steps) {
  let passed = 0;
  let failed = 0;
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const skipped = [];
  const record = (/** @type {boolean} */ well, /** @type {string} */ name, /** @type {number} */ began, remark = "") =>
    lines.push(`${well ? "✓" : "✗"} ${name.padEnd(10)} ${seconds(began).padStart(8)}  ${remark}`);

  /** @type {import("./lib/services.mjs").Services | undefined} */
  let services;
  try {
    let began = Date.now();
    const node = await alone(install);
    record(true, "install", began, `Node ${node.version}`);
    passed++;

    if (steps.some((one) => one.services)) {
      began = Date.now();
      await step("services", async () => {
        services = await startServices();
        return services.summary;
      });
      record(true, "services", began, services?.summary);
      passed++;
    }

    for (const one of steps) {
      began = Date.now();
      try {
        const result = await step(one.name, async () => {
          const counts = await one.work({ node: node.path, env: services?.env ?? {} });
          passed += counts.passed;
          failed += counts.failed;
          skipped.push(...(counts.skipped ?? []));
          if (counts.failed > 0) throw Object.assign(new Trouble(counts.remark, counts.advice), { counted: true });
          return counts.remark;
        });
        record(true, one.name, began, result);
      } catch (failure) {
        // On the same stream as the summary, which has to stay the last.
        report(failure, console.log);
        if (!(failure instanceof Trouble && "counted" in failure)) failed++;
        record(false, one.name, began, one.about);
      }
    }
  } catch (failure) {
    report(failure, console.log);
    // Without packages or services nothing was shown to work: every step counts as failed.
    failed += steps.length;
    lines.push("✗ The steps could not be run.");
  } finally {
    await services?.stop();
  }
  console.log(`\n${lines.join("\n")}`);
  if (skipped.length > 0)
    console.log(`\nSkipped, each with its reason in its title or beside it:\n  ${skipped.join("\n  ")}`);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(HELP);
} else if (args.includes("--list")) {
  for (const one of STEPS) console.log(`${one.name.padEnd(12)}${one.about}`);
} else {
  try {
    checkMachine();
    stopOnSignals();
    mkdirSync(join(ROOT, ".cache"), { recursive: true });
    process.exitCode = await runAll(readArguments(args));
  } catch (failure) {
    report(failure, console.log);
    console.log("\n0 passed, 1 failed");
    process.exitCode = 1;
  }
}
