/**
 * Runs jobs side by side, at most `limit` at a time. Earlier jobs start first; a job starts after all of those that it
 * names in `after` have ended, whether they succeeded or not.
 * @template {{ readonly name: string, readonly after?: readonly string[] }} Job
 * @param {readonly Job[]} jobs
 * @param {number} limit
 * @param {(job: Job) => Promise<void>} work never rejects
 */
export async function runSideBySide(jobs, limit, work) {
  const waiting = [...jobs];
  /** @type {Map<string, Promise<void>>} */
  const running = new Map();
  const isBlocked = (/** @type {Job} */ job) =>
    (job.after ?? []).some((name) => running.has(name) || waiting.some((other) => other.name === name));
  while (waiting.length > 0 || running.size > 0) {
    for (let next = waiting.find((job) => !isBlocked(job)); next !== undefined && running.size < limit; ) {
      const job = next;
      waiting.splice(waiting.indexOf(job), 1);
      running.set(
        job.name,
        work(job).finally(() => running.delete(job.name)),
      );
      next = waiting.find((other) => !isBlocked(other));
    }
    if (running.size === 0)
      throw new RangeError(`Jobs wait for each other: ${waiting.map(({ name }) => name).join(", ")}`);
    await Promise.race(running.values());
  }
}
