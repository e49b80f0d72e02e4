import fc from "fast-check";
import { auditAtRest, auditLostRooms, auditStep } from "./audit.ts";
import { ModelWorld } from "./model-world.ts";
import { type Scenario, scenarios } from "./scenario.ts";

export interface ModelRun {
  /** The number of scenarios. */
  readonly seeds: number;
  /** The seed and path of a failure, to run that scenario alone. */
  readonly replay?: { readonly seed: number; readonly path: string } | undefined;
}

/** Runs scenarios until one fails, and shrinks it. Rejects with the variables that replay it. */
export async function runModel({ seeds, replay }: ModelRun): Promise<void> {
  const outcome = await fc.check(fc.asyncProperty(scenarios, runScenario), {
    numRuns: seeds,
    ...(replay === undefined ? {} : replay),
  });
  if (!outcome.failed) return;
  const variables = `MODEL_SEED=${outcome.seed} MODEL_PATH=${outcome.counterexamplePath}`;
  throw new Error(
    `Scenario ${outcome.numRuns} failed; replay it with ${variables}\n${JSON.stringify(outcome.counterexample)}`,
    { cause: outcome.errorInstance },
  );
}

async function runScenario(scenario: Scenario): Promise<void> {
  const world = new ModelWorld(scenario);
  await world.clock.advance(100);
  for (const step of scenario.steps) {
    await world.perform(step);
    await auditStep(world);
  }
  await world.settle();
  await auditLostRooms(world);
  await world.openAllRooms();
  auditAtRest(world);
  for (const device of world.devices) device.client.disconnect();
}

/** Returns the scenario that the environment variables name, if they do. */
export function replayFromEnv(env: NodeJS.ProcessEnv): ModelRun["replay"] {
  const { MODEL_SEED: seed, MODEL_PATH: path = "0" } = env;
  return seed === undefined ? undefined : { seed: Number(seed), path };
}
