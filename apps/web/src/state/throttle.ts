/** The least time between two notifications: a change is shown in the next frame, and those of a busy store together. */
const BUSY_INTERVAL_MS = 100;
/** Hidden pages render no frames; their listeners are notified at this interval instead. */
const HIDDEN_PAGE_INTERVAL_MS = 250;

type Subscribe = (listener: () => void) => () => void;

const throttled = new WeakMap<Subscribe, Subscribe>();

/** Notifies listeners of any number of changes once, in a frame that all listeners of a store share. */
export function throttle(subscribe: Subscribe): Subscribe {
  const existing = throttled.get(subscribe);
  if (existing !== undefined) return existing;

  const listeners = new Set<() => void>();
  let unsubscribe: (() => void) | undefined;
  let frame = 0;
  let timer = 0;
  let notifiedAt = Number.NEGATIVE_INFINITY;

  function cancelScheduled(): void {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    timer = 0;
  }

  function notify(): void {
    cancelScheduled();
    notifiedAt = performance.now();
    for (const listener of listeners) listener();
  }

  function notifyInNextFrame(): void {
    frame = requestAnimationFrame(notify);
    timer = window.setTimeout(notify, HIDDEN_PAGE_INTERVAL_MS);
  }

  function scheduleNotify(): void {
    if (timer !== 0) return;
    const waitMs = notifiedAt + BUSY_INTERVAL_MS - performance.now();
    if (waitMs > 0) timer = window.setTimeout(notifyInNextFrame, waitMs);
    else notifyInNextFrame();
  }

  const throttledSubscribe: Subscribe = (listener) => {
    listeners.add(listener);
    unsubscribe ??= subscribe(scheduleNotify);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      cancelScheduled();
      unsubscribe?.();
      unsubscribe = undefined;
    };
  };
  throttled.set(subscribe, throttledSubscribe);
  return throttledSubscribe;
}
