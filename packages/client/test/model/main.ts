// Runs many scenarios of the model: see HELP.
import { parseArgs } from "node:util";
import { replayFromEnv, runModel } from "./run-model.ts";

const HELP = `npm run model -- [--seeds N]

Runs random scenarios of several clients, users and rooms on a stepped clock: sends, edits, lost and delayed frames, killed
servers. At rest, every client must show what the database contains.

  --seeds N   the number of scenarios (default 1000; about a minute)

MODEL_SEED and MODEL_PATH, as a failure prints them, replay one scenario.`;

let seeds: number | undefined;
try {
  seeds = parseSeeds();
  if (seeds === undefined) console.log(HELP);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 2;
}
if (seeds !== undefined) await run(seeds);

/** Returns undefined when only the help is requested. @throws TypeError for an option that is not understood. */
function parseSeeds(): number | undefined {
  const { values } = parseArgs({
    options: { seeds: { type: "string", default: "1000" }, help: { type: "boolean", short: "h", default: false } },
  });
  const seeds = Number(values.seeds);
  if (!Number.isInteger(seeds) || seeds < 1) {
    throw new TypeError(`Expected --seeds to be a whole number of at least 1, got ${values.seeds}.`);
  }
  return values.help ? undefined : seeds;
}

async function run(seeds: number): Promise<void> {
  const startedAt = performance.now();
  await runModel({ seeds, replay: replayFromEnv(process.env) });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`${seeds} scenarios in ${seconds} s: nothing lost, duplicated, out of order or outdated at rest.`);
}
