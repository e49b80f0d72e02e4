import { rm } from "node:fs/promises";
import { join } from "node:path";
import { copyDatabase } from "../../../../apps/server/src/store/sqlite/maintenance/copy.ts";
import { inspectSqlite } from "../../../../apps/server/src/store/sqlite/maintenance/inspect.ts";
import { toStoreError } from "../../../../apps/server/src/store/sqlite/sqlite-errors.ts";
import { Random } from "../../clients/random.ts";
import { type DamageCase, writeDamaged } from "./damage-plan.ts";
import type { IntactDatabase } from "./intact-database.ts";
import { openDatabase, type ThreadKind } from "./open-database.ts";
import { type Outcomes, useDatabase } from "./use-database.ts";

// A process that opens damaged databases one after another; `run-damage-test.ts` starts it, and another one where it dies.

export interface DamageTask {
  readonly intact: IntactDatabase;
  readonly folder: string;
  readonly seed: number;
  readonly indexes: readonly number[];
  /** One case in so many has its threads; the others run in one. */
  readonly threadsEvery: number;
}

export type DamageReport =
  | { readonly kind: "begun"; readonly damaged: DamageCase; readonly threads: ThreadKind; readonly file: string }
  | { readonly kind: "done"; readonly index: number; readonly outcomes: Outcomes };

// Given by `run-damage-test.ts`.
const task = JSON.parse(process.argv[2] ?? "") as DamageTask;
const send = (report: DamageReport): void => {
  process.send?.(report);
};

for (const index of task.indexes) {
  const file = join(task.folder, `damaged-${index}.db`);
  const threads = index % task.threadsEvery === 0 ? "threads" : "one thread";
  const damaged = await writeDamaged(task.intact, { to: file, index, random: new Random(task.seed).fork(index) });
  send({ kind: "begun", damaged, threads, file });
  send({ kind: "done", index, outcomes: await runCase(file, threads) });
  for (const suffix of ["", "-wal", "-shm", ".backup"]) await rm(`${file}${suffix}`, { force: true });
}
process.disconnect?.();

async function runCase(file: string, threads: ThreadKind): Promise<Outcomes> {
  let outcomes: Outcomes;
  try {
    const database = await openDatabase(file, threads);
    outcomes = await useDatabase(database.operations);
    await database.close();
  } catch (error) {
    outcomes = { [`not opened: ${toStoreError(error).code}`]: 1 };
  }
  inspectSqlite(file);
  if (threads === "threads") {
    // A damaged database has no copy.
    await copyDatabase(file, `${file}.backup`).catch(() => {});
  }
  return outcomes;
}
