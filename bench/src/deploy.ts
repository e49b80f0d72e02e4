import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type DeployPlan, RESTARTS, type Restart } from "./deploy/plan.ts";
import { plot } from "./deploy/plot.ts";
import { deployAudit, deployTable } from "./deploy/report.ts";
import { runDeploy } from "./deploy/run.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { requireOpenFiles } from "./report/open-files.ts";
import { integerOption, parseOrExit, positiveOption, selectionOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { writeSection } from "./report/section.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      connections: { type: "string", default: "5000" },
      rooms: { type: "string", default: "50" },
      rate: { type: "string", default: "20" },
      steady: { type: "string", default: "5" },
      timeout: { type: "string", default: "120" },
      only: { type: "string" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:deploy -- [--connections 5000] [--rooms 50] [--rate 20] [--steady 5] [--timeout 120]",
      '                        [--only replace,SIGTERM,"kill -9"] [--seed 1]',
      "",
      "Clients of the SDK send messages while their server is restarted: replaced by one that starts beside it, then by SIGTERM,",
      "then by kill -9, where a new one is started at once. Measures how long nothing answered, how long each client was offline and",
      "when all had caught up, and whether anything was lost.",
      "",
      "--rate      messages a second, over all rooms",
      "--steady    seconds of traffic before each restart",
      "--timeout   seconds that the clients have to recover",
      "",
      "Exits with 1 when anything was lost or a client did not recover.",
      "Without options, results are written to docs/benchmarks/deploy.json, deploy.svg and docs/reliability.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const plan = parseOrExit(
  (): DeployPlan => ({
    connections: integerOption("connections", values.connections, 1, 50_000),
    rooms: integerOption("rooms", values.rooms, 1, 200),
    rate: positiveOption("rate", values.rate, 1_000),
    connectionsPerUser: 10,
    seed: integerOption("seed", values.seed, 0, 2 ** 32),
    steadySeconds: positiveOption("steady", values.steady, 3_600),
    timeoutSeconds: positiveOption("timeout", values.timeout, 3_600),
  }),
);
const restarts = parseOrExit(() => selectionOption<Restart>("only", values.only, RESTARTS));
const isDefaultRun = process.argv.length <= 2;

try {
  await requireOpenFiles(plan.connections + 500);
  const result = await interruptible((signal) => runDeploy(plan, restarts, (line) => console.log(line), signal));
  console.log(`\n${deployTable(result)}\n\n${deployAudit(result)}`);
  const hasFailed =
    result.evidence.length > 0 || result.measurements.some(({ neverRecovered: neverBack }) => neverBack > 0);
  if (hasFailed) {
    console.log(result.evidence.join("\n"));
    process.exitCode = 1;
  } else if (isDefaultRun) {
    await mkdir(RESULTS_FOLDER, { recursive: true });
    const at = new Date().toISOString();
    const cores = availableParallelism();
    const report = { command: "npm run bench:deploy", at, node: process.version, cores, result };
    await writeFile(new URL("deploy.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
    await writeFile(new URL("deploy.svg", RESULTS_FOLDER), plot(result));
    await writeSection(
      { document: new URL("../../docs/reliability.md", import.meta.url), name: "deploy", command: report.command },
      [
        `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, server and clients on ${cores} cores:`,
        "",
        deployTable(result),
        "",
        deployAudit(result),
        "",
        "![connections that had caught up, over the time since the signal](benchmarks/deploy.svg)",
      ],
    );
    console.log("\nWritten to docs/benchmarks/deploy.json, deploy.svg and docs/reliability.md.");
  }
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
