import { expect, test } from "vitest";
import { runSideBySide } from "../lib/tests/run-side-by-side.mjs";

interface Job {
  readonly name: string;
  readonly after?: readonly string[];
}

/** Records the starts and ends of jobs that each take one turn of the event loop. */
function recorder() {
  const log: string[] = [];
  let running = 0;
  let peak = 0;
  const work = async ({ name }: Job): Promise<void> => {
    log.push(`start ${name}`);
    running += 1;
    peak = Math.max(peak, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    log.push(`end ${name}`);
  };
  return { log, work, peak: () => peak };
}

test("runs every job once, at most as many at a time as allowed", async () => {
  const { log, work, peak } = recorder();
  const jobs = ["a", "b", "c", "d", "e"].map((name) => ({ name }));
  await runSideBySide<Job>(jobs, 2, work);
  expect(log.filter((line) => line.startsWith("end ")).sort()).toEqual(jobs.map(({ name }) => `end ${name}`));
  expect(peak()).toBe(2);
});

test("starts a job after those that it comes after, and others before it", async () => {
  const { log, work } = recorder();
  await runSideBySide<Job>([{ name: "last", after: ["first"] }, { name: "other" }, { name: "first" }], 3, work);
  expect(log.indexOf("start last")).toBeGreaterThan(log.indexOf("end first"));
  expect(log.indexOf("start other")).toBeLessThan(log.indexOf("start last"));
});

test("ignores a predecessor that is not among the jobs", async () => {
  const { log, work } = recorder();
  await runSideBySide<Job>([{ name: "only", after: ["absent"] }], 1, work);
  expect(log).toEqual(["start only", "end only"]);
});

test("refuses jobs that wait for each other", async () => {
  const jobs: Job[] = [
    { name: "a", after: ["b"] },
    { name: "b", after: ["a"] },
  ];
  await expect(runSideBySide(jobs, 2, async () => undefined)).rejects.toThrow("a, b");
});
