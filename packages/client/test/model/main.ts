// Tries the model many times: see HELP.
import { parseArgs } from "node:util";
import { replayOf, tryModel } from "./run.ts";

const HELP = `npm run model -- [--seeds N]

Random histories of several clients, people and rooms on a steppable clock: sends, edits, lost and delayed frames, killed
servers. At rest every client's view has to equal the database.

  --seeds N   how many histories (default 1000; about a minute)

MODEL_SEED and MODEL_PATH, as a failure prints them, try one history again.`;

let seeds: number | undefined;
try {
  seeds = asked();
  if (seeds === undefined) console.log(HELP);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 2;
}
if (seeds !== undefined) await run(seeds);

/** Undefined: only to be told how. @throws TypeError for what is not understood. */
function asked(): number | undefined {
  const { values } = parseArgs({
    options: { seeds: { type: "string", default: "1000" }, help: { type: "boolean", short: "h", default: false } },
  });
  const seeds = Number(values.seeds);
  if (!Number.isInteger(seeds) || seeds < 1) {
    throw new TypeError(`Expected --seeds to be a whole number from 1 on, got ${values.seeds}.`);
  }
  return values.help ? undefined : seeds;
}

async function run(seeds: number): Promise<void> {
  const began = performance.now();
  await tryModel({ seeds, replay: replayOf(process.env) });
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${seeds} scenarios in ${seconds} s: nothing lost, doubled, out of order or out of date at rest.`);
}
