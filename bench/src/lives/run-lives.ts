import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../clients/random.ts";
import { freePort } from "../multichat/server.ts";
import { isExpected, type LifeResult } from "./life-result.ts";
import { createOldDatabase } from "./old-database.ts";
import { ServerLives } from "./run-server-life.ts";
import { StoreLives } from "./run-store-life.ts";
import { scenarioOf } from "./scenario.ts";

export interface LivesPlan {
  readonly lives: number;
  /** Of them, lives of the whole server. */
  readonly serverLives: number;
  readonly seed: number;
  /** Lives at a time. */
  readonly parallel: number;
}

export const LIVES_DEFAULTS: Omit<LivesPlan, "seed"> = { lives: 2_000, serverLives: 90, parallel: 4 };

export interface LivesResult {
  readonly plan: LivesPlan;
  readonly lives: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** How often each scenario ended how: `store, serving, kill -9` to `SIGKILL` to 33. */
  readonly exits: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The lives that ended otherwise than expected, or left a damaged database. */
  readonly failures: readonly LifeResult[];
}

/** Starts and ends processes under load, and checks the database after each. */
export async function runLives(
  plan: LivesPlan,
  { signal, onLife }: { readonly signal: AbortSignal; readonly onLife: (life: LifeResult) => void },
): Promise<LivesResult> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-lives-"));
  const random = new Random(plan.seed);
  const exits: Record<string, Record<string, number>> = {};
  const failures: LifeResult[] = [];
  const total = { lives: 0, acknowledged: 0, lost: 0 };
  let next = 0;
  try {
    const old = await createOldDatabase(folder);
    const servers = plan.serverLives > 0 ? await ServerLives.open(folder, await freePort()) : undefined;
    // The server has one database and one port: its lives follow each other, beside lives of the store.
    const isForServer = (index: number) => index < plan.serverLives;
    next = plan.serverLives;
    const record = (life: LifeResult): void => {
      const { kind, phase, ending } = life.scenario;
      const name = `${kind}, ${phase}, ${ending}`;
      exits[name] ??= {};
      const ofScenario = exits[name];
      ofScenario[life.exit] = (ofScenario[life.exit] ?? 0) + 1;
      total.lives += 1;
      total.acknowledged += life.acknowledged;
      total.lost += life.lost;
      if (!isExpected(life)) failures.push(life);
      onLife(life);
    };
    const liveInStores = async (): Promise<void> => {
      const stores = new StoreLives(folder, old);
      for (let index = next++; index < plan.lives && !signal.aborted; index = next++) {
        const scenario = scenarioOf(index, plan, random);
        if (scenario.kind === "store") record(await stores.run(index, scenario));
      }
    };
    const liveInServers = async (): Promise<void> => {
      for (let index = 0; isForServer(index) && index < plan.lives && !signal.aborted; index += 1) {
        const scenario = scenarioOf(index, plan, random);
        if (scenario.kind === "server" && servers !== undefined) record(await servers.run(index, scenario));
      }
      await liveInStores();
    };
    const lanes = [liveInServers(), ...Array.from({ length: plan.parallel - 1 }, liveInStores)];
    // All have to end before the folder is removed, also when one of them fails.
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === "rejected") throw lane.reason;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { plan, ...total, exits, failures };
}
