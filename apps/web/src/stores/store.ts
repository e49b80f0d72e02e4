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
  return useSyncExternalStore(store.subscribe, store.get);
}

/** Hidden pages draw no frames; they are told this often instead, in milliseconds. */
const WITHOUT_FRAMES = 250;

const framed = new WeakMap<Readable<unknown>["subscribe"], Readable<unknown>["subscribe"]>();

/** Tells of any number of changes once, with the next frame. */
function onFrame(subscribe: Readable<unknown>["subscribe"]): Readable<unknown>["subscribe"] {
  const known = framed.get(subscribe);
  if (known !== undefined) return known;
  const slowed: Readable<unknown>["subscribe"] = (listener) => {
    let frame = 0;
    let timer = 0;
    const forget = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      timer = 0;
    };
    const tell = () => {
      forget();
      listener();
    };
    const stop = subscribe(() => {
      if (timer !== 0) return;
      frame = requestAnimationFrame(tell);
      timer = window.setTimeout(tell, WITHOUT_FRAMES);
    });
    return () => {
      stop();
      forget();
    };
  };
  framed.set(subscribe, slowed);
  return slowed;
}

/** As `useStore`, drawn at most once a frame: for what can change hundreds of times a second. */
export function useFramedStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(onFrame(store.subscribe), store.get);
}
