// Tries the model many times: `npm run model -- --seeds 5000`. MODEL_SEED and MODEL_PATH, as a failure prints them, try one run again.
import { parseArgs } from "node:util";
import { replayOf, tryModel } from "./run.ts";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "1000" } } });
const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 1) {
  throw new TypeError(`Expected --seeds to be a whole number from 1 on, got ${values.seeds}.`);
}
const began = performance.now();
await tryModel({ seeds, replay: replayOf(process.env) });
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(`${seeds} scenarios in ${seconds} s: nothing lost, doubled, out of order or out of date at rest.`);
