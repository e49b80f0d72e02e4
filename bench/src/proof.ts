import { parseArgs } from "node:util";
import { requireCurrentBuild } from "./multichat/current-build.ts";
import { parseOrExit, selectionOption } from "./report/options.ts";
import { formatTable } from "./report/table.ts";
import { PROOF_PARTS, type ProofPart } from "./suite/proof-parts.ts";
import { runPart } from "./suite/run-part.ts";

/** Only ends a hang. */
const PART_TIMEOUT_MS = 30 * 60_000;
const NAMES = [...new Set(PROOF_PARTS.map(({ name }) => name))];

const { values } = parseOrExit(() =>
  parseArgs({ options: { only: { type: "string" }, help: { type: "boolean", default: false } } }),
);

if (values.help) {
  console.log(
    [
      "npm run proof -- [--only pull-the-plug,chaos]",
      "",
      "Attacks the promise that nothing that was acknowledged is ever lost, doubled or out of order, in every way that",
      "docs/reliability.md describes, at a small size: some five minutes on two cores. Run `npm run build` first.",
      "Needs Linux, a C compiler, Redis and PostgreSQL.",
      "",
      ...PROOF_PARTS.map(({ name, about }) => `  ${name.padEnd(13)} ${about}`),
      "",
      "--only  some of these",
      "",
      "Exits with 1 when one of them found something, or a check that has to find losses found none.",
    ].join("\n"),
  );
  process.exit(0);
}

const chosen = parseOrExit(() => selectionOption("only", values.only, NAMES));
const parts = PROOF_PARTS.filter(({ name }) => chosen.includes(name));
// Before the first part, rather than by each of those that start the chat.
requireCurrentBuild();

interface Outcome {
  readonly part: ProofPart;
  readonly seconds: number;
  readonly isHeld: boolean;
  readonly summary: string;
}

const outcomes: Outcome[] = [];
for (const [index, part] of parts.entries()) {
  console.log(`\n[${index + 1}/${parts.length}] ${part.name}: ${part.about}`);
  const startedAt = performance.now();
  const { code, output, isTimedOut } = await runPart(part.name, part.args, { timeoutMs: PART_TIMEOUT_MS });
  const isHeld = !isTimedOut && (part.hasToFail ? code === 1 : code === 0);
  const summary = isTimedOut ? "took too long" : part.summarize(output);
  outcomes.push({ part, seconds: (performance.now() - startedAt) / 1_000, isHeld, summary });
}

const rows = outcomes.map(({ part, seconds, isHeld, summary }) => [
  part.about,
  isHeld ? (part.hasToFail ? "losses found" : "held") : "FAILED",
  `${seconds.toFixed(0)} s`,
  summary,
]);
console.log(`\n${formatTable(["attack", "result", "time", "what was tried and found"], rows)}\n`);
const failed = outcomes.filter(({ isHeld }) => !isHeld);
if (failed.length > 0) {
  console.error(`Not held: ${failed.map(({ part }) => `npm run ${part.name} -- ${part.args.join(" ")}`).join("; ")}`);
  process.exitCode = 1;
}
