import { useSyncExternalStore } from "react";

/** A value that components follow. Set it with something equal (`Object.is`) and nobody is told. */
export interface Store<T> {
  get(): T;
  set(next: T | ((before: T) => T)): void;
  subscribe(listener: () => void): () => void;
}

/** What can be followed: our own stores and those of the SDK. */
export interface Readable<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const after = typeof next === "function" ? (next as (before: T) => T)(value) : next;
      if (Object.is(after, value)) return;
      value = after;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Readable<T>): T {
  // The same without a document: tests draw to text.
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** Hidden pages draw no frames; they are told this often instead, in milliseconds. */
const WITHOUT_FRAMES = 250;

type Subscribe = Readable<unknown>["subscribe"];

const framed = new WeakMap<Subscribe, Subscribe>();

/** Tells of any number of changes once, with the next frame; all who listen to one store share one frame. */
function onFrame(subscribe: Subscribe): Subscribe {
  const known = framed.get(subscribe);
  if (known !== undefined) return known;

  const listeners = new Set<() => void>();
  let stop: (() => void) | undefined;
  let frame = 0;
  let timer = 0;

  function forget(): void {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    timer = 0;
  }

  function tell(): void {
    forget();
    for (const listener of listeners) listener();
  }

  function changed(): void {
    if (timer !== 0) return;
    frame = requestAnimationFrame(tell);
    timer = window.setTimeout(tell, WITHOUT_FRAMES);
  }

  const slowed: Subscribe = (listener) => {
    listeners.add(listener);
    stop ??= subscribe(changed);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      forget();
      stop?.();
      stop = undefined;
    };
  };
  framed.set(subscribe, slowed);
  return slowed;
}

/** As `useStore`, drawn at most once a frame: for what can change hundreds of times a second. */
export function useFramedStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(onFrame(store.subscribe), store.get);
}
