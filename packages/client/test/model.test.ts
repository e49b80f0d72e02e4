import { describe, test } from "vitest";
import { replayFromEnv, runModel } from "./model/run-model.ts";

/** A failure prints how to replay it; `npm run model -- --seeds 5000` runs many more. */
const SEEDS = 300;

describe("at rest, every client shows what the database contains, and nothing of rooms that its user cannot see", () => {
  test(`in ${SEEDS} scenarios of changes, cuts, reloads and restarts, and of lost, duplicated and late events`, async () => {
    await runModel({ seeds: SEEDS, replay: replayFromEnv(process.env) });
  });
});
