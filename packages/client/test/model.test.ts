import { describe, test } from "vitest";
import { replayOf, tryModel } from "./model/run.ts";

/**
 * Whatever happens on the way: at rest every client shows what the server's database says. A failure prints how to try it again;
 * `npm run model -- --seeds 5000` tries many more.
 */
const SEEDS = 300;

describe("at rest every client shows what the database says, and nobody holds anything of a room that is not theirs", () => {
  test(`through ${SEEDS} scenarios of sends, changes, cuts, reloads, restarts, lost, doubled and late deliveries`, async () => {
    await tryModel({ seeds: SEEDS, replay: replayOf(process.env) });
  });
});
