import { performance } from "node:perf_hooks";

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
