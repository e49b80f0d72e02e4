import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { reasonForNoRecorder } from "./crash-test/power-cut/recorder.ts";
import { powerCutFailureLines, powerCutSummary, powerCutTable } from "./crash-test/power-cut/report.ts";
import {
  POWER_CUT_DEFAULTS,
  type PowerCutPlan,
  type PowerCutProgress,
  type PowerCutResult,
  replayPowerCuts,
  runPowerCuts,
} from "./crash-test/power-cut/run-power-cuts.ts";
import { IGNORABLE_SYNCS } from "./crash-test/power-cut/storage.ts";
import { interruptible } from "./report/interruption.ts";
import { integerOption, parseOrExit, positiveOption, seedOption, selectionOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { writeSection } from "./report/section.ts";

const COMMAND = "npm run pull-the-plug";
const PROGRESS_INTERVAL_MS = 10_000;

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      cuts: { type: "string", default: String(POWER_CUT_DEFAULTS.cuts) },
      "cuts-per-recording": { type: "string", default: String(POWER_CUT_DEFAULTS.cutsPerRecording) },
      "work-seconds": { type: "string", default: String(POWER_CUT_DEFAULTS.workSeconds) },
      parallel: { type: "string", default: String(POWER_CUT_DEFAULTS.parallel) },
      "server-every": { type: "string", default: String(POWER_CUT_DEFAULTS.serverEvery) },
      seed: { type: "string" },
      "ignore-sync": { type: "string" },
      keep: { type: "boolean", default: false },
      replay: { type: "string" },
      json: { type: "boolean", default: false },
      document: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      `${COMMAND} -- [--cuts ${POWER_CUT_DEFAULTS.cuts}] [--cuts-per-recording ${POWER_CUT_DEFAULTS.cutsPerRecording}] [--work-seconds ${POWER_CUT_DEFAULTS.workSeconds}] [--parallel ${POWER_CUT_DEFAULTS.parallel}]`,
      `               [--server-every ${POWER_CUT_DEFAULTS.serverEvery}] [--seed N] [--ignore-sync ${IGNORABLE_SYNCS.join("|")}] [--keep] [--json] [--document]`,
      `${COMMAND} -- --replay FOLDER [--ignore-sync ${IGNORABLE_SYNCS.join("|")}] [--json]`,
      "",
      "Records everything that a server under load does to its files, and every sync. Then it cuts the power at random moments of",
      "that record, and builds the states that the disk could have: what was not synced is missing, half there, torn or out of",
      "order. The server's own code opens each of them, which must be intact and hold every message, edit, deletion, reaction,",
      "session ending and change of rights that a client had an answer for before the cut.",
      "",
      "--cuts                cuts in all; each is opened in up to six states",
      "--cuts-per-recording  cuts of one recording, which begins on an empty disk",
      "--work-seconds        how long clients work with each of the two servers of a recording",
      "--parallel            processes that check states",
      "--server-every        one cut in so many is also given to a whole server, which has to start and answer",
      "--seed                repeats the plan; what the server writes, and when, depends on the machine too",
      "--ignore-sync         a disk that lies: the syncs of these files do nothing. The run has to fail",
      "--keep                keeps the record of each recording, also where nothing was found",
      "--replay              repeats the cuts of a recording that was kept, with the same states",
      "--json                prints the result as JSON",
      "--document            writes a run of another size into the documentation, too",
      "",
      "Needs Linux and a C compiler. Exits with 1 when a state could not be opened, was damaged or had lost something, and keeps",
      "the record. A run with all defaults is written to docs/benchmarks/pull-the-plug.json and docs/reliability.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const seed = parseOrExit(() => seedOption(values.seed));
const plan = parseOrExit((): PowerCutPlan => {
  const ignored = values["ignore-sync"];
  return {
    cuts: integerOption("cuts", values.cuts, 1, 1_000_000),
    cutsPerRecording: integerOption("cuts-per-recording", values["cuts-per-recording"], 1, 10_000),
    workSeconds: positiveOption("work-seconds", values["work-seconds"], 600),
    parallel: integerOption("parallel", values.parallel, 1, 64),
    serverEvery: integerOption("server-every", values["server-every"], 1, 1_000_000),
    seed,
    ignoredSync: ignored === undefined ? undefined : selectionOption("ignore-sync", ignored, IGNORABLE_SYNCS)[0],
  };
});
const isDefaultRun =
  values.replay === undefined &&
  plan.ignoredSync === undefined &&
  (Object.keys(POWER_CUT_DEFAULTS) as (keyof typeof POWER_CUT_DEFAULTS)[]).every(
    (key) => plan[key] === POWER_CUT_DEFAULTS[key],
  );
const reason = reasonForNoRecorder();
if (reason !== undefined) {
  console.error(`Not run: ${reason}`);
  process.exit(1);
}

try {
  const result = await interruptible(run);
  if (values.json) console.log(JSON.stringify(result, null, 2));
  else console.log(`\n${powerCutTable(result)}\n\n${powerCutSummary(result)}`);
  for (const line of powerCutFailureLines(result)) console.error(line);
  if (result.failedStates > 0) process.exitCode = 1;
  else if (values.replay === undefined && result.cuts < plan.cuts) process.exitCode = 130;
  else if (isDefaultRun || (values.document && values.replay === undefined)) await writeReport(result);
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}

async function run(signal: AbortSignal): Promise<PowerCutResult> {
  let progress: PowerCutProgress = { recordings: 0, cuts: 0, states: 0, failedStates: 0 };
  const report = (): void => {
    const { recordings, cuts, states, failedStates } = progress;
    console.error(
      `${cuts} of ${plan.cuts} cuts, ${states} states, ${failedStates} failed; ${recordings} recordings done`,
    );
  };
  if (values.replay === undefined) console.error(`seed ${seed}`);
  const timer = setInterval(report, PROGRESS_INTERVAL_MS);
  const options = {
    signal,
    onProgress: (now: PowerCutProgress) => {
      progress = now;
    },
    keepsAll: values.keep,
  };
  try {
    if (values.replay === undefined) return await runPowerCuts(plan, options);
    return await replayPowerCuts(values.replay, { ...options, ignoredSync: plan.ignoredSync });
  } finally {
    clearInterval(timer);
  }
}

async function writeReport(result: PowerCutResult): Promise<void> {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const at = new Date().toISOString();
  const cores = availableParallelism();
  const command = isDefaultRun ? COMMAND : `${COMMAND} -- --cuts ${plan.cuts}`;
  const report = { command, at, node: process.version, cores, result };
  await writeFile(new URL("pull-the-plug.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
  await writeSection(
    { document: new URL("../../docs/reliability.md", import.meta.url), name: "pull-the-plug", command: COMMAND },
    [
      `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, SQLite ${process.versions.sqlite}, \`${COMMAND} -- --cuts ${plan.cuts} --seed ${seed}\`, on ${cores} cores:`,
      "",
      powerCutTable(result),
      "",
      powerCutSummary(result),
    ],
  );
  console.log("Written to docs/benchmarks/pull-the-plug.json and docs/reliability.md.");
}
