import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects the garbage of this thread and returns its memory to the system. Blocks the thread for as long as it takes, about
 * 3 ms for each megabyte in use.
 */
export function compactHeap(): void {
  // The only way to it. The flag has no other effect than the function, which the next context has.
  setFlagsFromString("--expose-gc");
  // The cast holds: the flag defines it.
  const collect = runInNewContext("gc") as (options: object) => void;
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

const CHECK_INTERVAL_MS = 2_000;
/** With more to do, nothing is released: V8 would soon need the memory again. */
const MAX_UTILIZATION = 0.1;
const MAX_CHECKS = 30;

/**
 * Calls back once when this thread has had little to do for two seconds; not at all if that takes more than a minute. Does not
 * keep the process alive.
 */
export function whenIdle(callback: () => void): void {
  let checks = 0;
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    checks += 1;
    const isIdle = utilization <= MAX_UTILIZATION;
    if (isIdle || checks >= MAX_CHECKS) clearInterval(timer);
    if (isIdle) callback();
  }, CHECK_INTERVAL_MS);
  timer.unref();
}
