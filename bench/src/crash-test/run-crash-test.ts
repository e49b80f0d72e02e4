import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../clients/random.ts";
import { freePort } from "../multichat/server.ts";
import { createOldDatabase } from "./old-database.ts";
import { isExpected, type RunResult } from "./run-result.ts";
import { scenarioOf } from "./scenario.ts";
import { ServerRuns } from "./server-runs.ts";
import { StoreRuns } from "./store-runs.ts";

export interface CrashTestPlan {
  readonly runs: number;
  /** Of them, runs of the whole server. */
  readonly serverRuns: number;
  readonly seed: number;
  /** Processes at a time. */
  readonly parallel: number;
}

export const CRASH_TEST_DEFAULTS: Omit<CrashTestPlan, "seed"> = { runs: 2_000, serverRuns: 90, parallel: 4 };

export interface CrashTestResult {
  readonly plan: CrashTestPlan;
  readonly runs: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** How often each scenario ended how: `store, serving, kill -9` to `SIGKILL` to 33. */
  readonly exits: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The runs that ended otherwise than expected, or left a damaged database. */
  readonly failures: readonly RunResult[];
}

/** Starts and ends processes under load, and checks the database after each. */
export async function runCrashTest(
  plan: CrashTestPlan,
  { signal, onRun }: { readonly signal: AbortSignal; readonly onRun: (run: RunResult) => void },
): Promise<CrashTestResult> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-crash-test-"));
  const random = new Random(plan.seed);
  const exits: Record<string, Record<string, number>> = {};
  const failures: RunResult[] = [];
  const total = { runs: 0, acknowledged: 0, lost: 0 };
  let next = 0;
  try {
    const old = await createOldDatabase(folder);
    const servers = plan.serverRuns > 0 ? await ServerRuns.open(folder, await freePort()) : undefined;
    // The server has one database and one port: its runs follow each other, beside runs of the store.
    const isForServer = (index: number) => index < plan.serverRuns;
    next = plan.serverRuns;
    const record = (run: RunResult): void => {
      const { kind, phase, ending } = run.scenario;
      const name = `${kind}, ${phase}, ${ending}`;
      exits[name] ??= {};
      const ofScenario = exits[name];
      ofScenario[run.exit] = (ofScenario[run.exit] ?? 0) + 1;
      total.runs += 1;
      total.acknowledged += run.acknowledged;
      total.lost += run.lost;
      if (!isExpected(run)) failures.push(run);
      onRun(run);
    };
    const runStores = async (): Promise<void> => {
      const stores = new StoreRuns(folder, old);
      for (let index = next++; index < plan.runs && !signal.aborted; index = next++) {
        const scenario = scenarioOf(index, plan, random);
        if (scenario.kind === "store") record(await stores.run(index, scenario));
      }
    };
    const runServers = async (): Promise<void> => {
      for (let index = 0; isForServer(index) && index < plan.runs && !signal.aborted; index += 1) {
        const scenario = scenarioOf(index, plan, random);
        if (scenario.kind === "server" && servers !== undefined) record(await servers.run(index, scenario));
      }
      await runStores();
    };
    const lanes = [runServers(), ...Array.from({ length: plan.parallel - 1 }, runStores)];
    // All have to end before the folder is removed, also when one of them fails.
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === "rejected") throw lane.reason;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { plan, ...total, exits, failures };
}
