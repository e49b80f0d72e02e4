import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareRows, slowerOf } from "./product/compare.ts";
import { rowsOf } from "./product/report.ts";
import { readResults } from "./product/results.ts";
import { integerOption, parseOrExit } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { formatTable } from "./report/table.ts";
import { runPart } from "./suite/run-part.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      committed: { type: "string" },
      measured: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:check -- [--rounds 3] [--committed FILE] [--measured FILE]",
      "",
      "Measures the fan-out of the chat beside ws and Socket.IO in a short run and compares it with the committed results: CPU and",
      "time per delivery as ratios to theirs in the same run, and instructions where the machine counts them. Names what got",
      "slower by more than runs differ, and then exits with 1. Run `npm run build` first.",
      "",
      "--rounds     of the run; more of them are less sensitive to what else the machine does",
      "--committed  the results to compare with (docs/benchmarks/product.json)",
      "--measured   results that were measured already, instead of a run (bench:product --json)",
    ].join("\n"),
  );
  process.exit(0);
}

const rounds = parseOrExit(() => integerOption("rounds", values.rounds, 1, 100));
const committedFile = values.committed ?? new URL("product.json", RESULTS_FOLDER);
const committed = await readResults(committedFile);
if (committed === undefined) {
  console.error(`Expected results in ${committedFile}: run \`npm run bench -- --only product\` first.`);
  process.exit(2);
}
const measured = values.measured === undefined ? await measureNow() : await readResults(values.measured);
if (measured === undefined) {
  console.error(
    `Expected results in ${values.measured ?? "a run"}: run \`npm run bench:product -- --json FILE\` first.`,
  );
  process.exit(2);
}
const comparisons = compareRows(rowsOf(committed.samples), rowsOf(measured.samples));
if (comparisons.length === 0) {
  console.error("Expected loads that both results have, found none.");
  process.exit(2);
}
const slower = slowerOf(comparisons);
console.log(
  formatTable(
    ["what", "committed", "measured", ""],
    comparisons.map((item) => [
      item.what,
      item.committed.toPrecision(3),
      item.measured.toPrecision(3),
      slower.includes(item) ? "slower" : "",
    ]),
  ),
);
for (const { what, committed: before, measured: now } of slower) {
  console.error(`Slower: ${what}: ${before.toPrecision(3)} before, ${now.toPrecision(3)} now.`);
}
if (slower.length > 0) process.exitCode = 1;

async function measureNow(): Promise<Awaited<ReturnType<typeof readResults>>> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-check-"));
  const file = join(folder, "product.json");
  try {
    const load = ["--rates", "100,2000", "--only", "multichat,ws,socket.io", "--seconds", "3"];
    const { code } = await runPart("product", [...load, "--rounds", String(rounds), "--json", file]);
    if (code !== 0) process.exit(2);
    return await readResults(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
