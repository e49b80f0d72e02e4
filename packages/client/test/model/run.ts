import fc from "fast-check";
import { auditLost, auditNow, auditRest } from "./audit.ts";
import { type Scenario, scenarios } from "./scenario.ts";
import { World } from "./world.ts";

export interface ModelRun {
  /** Scenarios that are tried. */
  readonly seeds: number;
  /** Of a run that failed, as its failure says: this one alone is tried again. */
  readonly replay?: { readonly seed: number; readonly path: string } | undefined;
}

/** Tries scenarios until one fails, which is made as small as it goes. Rejects with how to try it again. */
export async function tryModel({ seeds, replay }: ModelRun): Promise<void> {
  const outcome = await fc.check(fc.asyncProperty(scenarios, tryScenario), {
    numRuns: seeds,
    ...(replay === undefined ? {} : replay),
  });
  if (!outcome.failed) return;
  const again = `MODEL_SEED=${outcome.seed} MODEL_PATH=${outcome.counterexamplePath}`;
  throw new Error(
    `A scenario failed after ${outcome.numRuns}; try it again with ${again}\n${JSON.stringify(outcome.counterexample)}`,
    { cause: outcome.errorInstance },
  );
}

async function tryScenario(scenario: Scenario): Promise<void> {
  const world = new World(scenario);
  await world.clock.advance(100);
  for (const taken of scenario.steps) {
    await world.take(taken);
    await auditNow(world);
  }
  await world.calm();
  await auditLost(world);
  await world.openDoors();
  auditRest(world);
  for (const device of world.devices) device.client.disconnect();
}

/** What the environment asks to be tried again. */
export function replayOf(env: NodeJS.ProcessEnv): ModelRun["replay"] {
  const { MODEL_SEED: seed, MODEL_PATH: path = "0" } = env;
  return seed === undefined ? undefined : { seed: Number(seed), path };
}
