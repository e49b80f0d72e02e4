import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Random } from "../src/clients/random.ts";
import { DAMAGE_KINDS, writeDamaged } from "../src/crash-test/damage/damage-plan.ts";
import { createIntactDatabase } from "../src/crash-test/damage/intact-database.ts";
import { runDamageTest } from "../src/crash-test/damage/run-damage-test.ts";

it("no damage of a database ends a process that works with it, or one of its threads", async () => {
  // Case 7 is one in which the end of a read fails, which used to end the thread of the reads.
  const plan = { cases: 6 * DAMAGE_KINDS.length, seed: 1, parallel: 2, threadsEvery: 8 };
  const { done, kinds, outcomes, failures } = await runDamageTest(plan, {
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  expect(failures).toEqual([]);
  expect(done).toBe(plan.cases);
  expect(Object.keys(kinds).sort()).toEqual([...DAMAGE_KINDS].sort());
  expect(outcomes.ok, "most of a damaged database works").toBeGreaterThan(1_000);
  expect(outcomes.corrupt, "some of it does not").toBeGreaterThan(50);
});

it("damages every kind of page in the same way for the same seed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "multichat-damage-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const intact = await createIntactDatabase(join(folder, "intact.db"), new Random(1));
  const kinds = new Set(intact.pages.map(({ kind }) => kind));
  for (const kind of ["message leaf", "message overflow", "message_search_data leaf", "free"])
    expect(kinds).toContain(kind);
  const before = await readFile(intact.file);
  for (const index of DAMAGE_KINDS.keys()) {
    const [one, two] = [join(folder, "one.db"), join(folder, "two.db")];
    const cases = [];
    for (const to of [one, two])
      cases.push(await writeDamaged(intact, { to, index, random: new Random(9).fork(index) }));
    expect(cases[0]).toEqual(cases[1]);
    const isLog = cases[0]?.kind === "log";
    const bytes = await readFile(isLog ? `${one}-wal` : one);
    expect(bytes.equals(await readFile(isLog ? `${two}-wal` : two)), cases[0]?.where).toBe(true);
    expect(bytes.equals(isLog ? await readFile(`${intact.logged}-wal`) : before), cases[0]?.where).toBe(false);
  }
});
