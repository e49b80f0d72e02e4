import { useSyncExternalStore } from "react";
import { throttle } from "./throttle.ts";

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

/** Like `useStore`, but renders at most ten times a second: for stores that can change hundreds of times. */
export function useThrottledStore<T>(store: ReadableStore<T>): T {
  return useSyncExternalStore(throttle(store.subscribe), store.get);
}
