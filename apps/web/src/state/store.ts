import { useSyncExternalStore } from "react";

/** A value that components subscribe to. Setting an equal value (`Object.is`) notifies nobody. */
export interface Store<T> {
  get(): T;
  set(next: T | ((before: T) => T)): void;
  subscribe(listener: () => void): () => void;
}

/** A store that can be read and subscribed to: ours and those of the SDK. */
export interface ReadableStore<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const nextValue = typeof next === "function" ? (next as (before: T) => T)(value) : next;
      if (Object.is(nextValue, value)) return;
      value = nextValue;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: ReadableStore<T>): T {
  // Without a document, too: tests render to text.
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** The least time between two notifications: a change is shown in the next frame, and those of a busy store together. */
const BUSY_INTERVAL_MS = 100;
/** Hidden pages render no frames; their listeners are notified at this interval instead. */
const HIDDEN_PAGE_INTERVAL_MS = 250;

type Subscribe = ReadableStore<unknown>["subscribe"];

const throttled = new WeakMap<Subscribe, Subscribe>();

/** Notifies listeners of any number of changes once, in a frame that all listeners of a store share. */
function throttle(subscribe: Subscribe): Subscribe {
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

/** Like `useStore`, but renders at most ten times a second: for stores that can change hundreds of times. */
export function useThrottledStore<T>(store: ReadableStore<T>): T {
  return useSyncExternalStore(throttle(store.subscribe), store.get);
}
