import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createStore } from "../../src/state/store.ts";
import { throttle } from "../../src/state/throttle.ts";

const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => setTimeout(callback, FRAME_MS));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A store whose changes are counted by a listener behind the throttle. */
function startCounting() {
  const store = createStore(0);
  const seen: number[] = [];
  const stop = throttle(store.subscribe)(() => seen.push(store.get()));
  const change = (): void => store.set((value) => value + 1);
  return { store, seen, stop, change };
}

test("a change in a quiet store is shown in the next frame", () => {
  const { seen, change } = startCounting();
  change();
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(FRAME_MS);
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(10_000);
  expect(seen).toEqual([1]);
});

describe("a busy store notifies at most ten times a second, and of its last change", () => {
  test.each([
    [2, 500],
    [5, 200],
    [10, 100],
    [30, 33],
    [100, 10],
    [1000, 1],
  ])("%d changes a second", (rate, intervalMs) => {
    const { store, seen, change } = startCounting();
    const changes = rate * 5;
    for (let i = 0; i < changes; i++) {
      change();
      vi.advanceTimersByTime(intervalMs);
    }
    expect(seen.length).toBeLessThanOrEqual(Math.min(changes, 51));
    expect(seen.length).toBeGreaterThanOrEqual(Math.min(changes, 40));
    vi.advanceTimersByTime(200);
    expect(seen.at(-1)).toBe(store.get());
    expect(store.get()).toBe(changes);
  });
});

test("changes in one burst are shown together", () => {
  const { seen, change } = startCounting();
  for (let i = 0; i < 500; i++) change();
  vi.advanceTimersByTime(FRAME_MS);
  expect(seen).toEqual([500]);
});

test("all listeners of a store share a frame and one subscription", () => {
  const store = createStore(0);
  const subscribe = vi.fn(store.subscribe);
  const seen: string[] = [];
  const stops = ["a", "b", "c"].map((name) => throttle(subscribe)(() => seen.push(name)));
  store.set(1);
  vi.advanceTimersByTime(FRAME_MS);
  expect(seen).toEqual(["a", "b", "c"]);
  expect(subscribe).toHaveBeenCalledTimes(1);
  for (const stop of stops) stop();
});

test("without listeners nothing is left waiting, and a new one hears of changes again", () => {
  const { store, seen, stop, change } = startCounting();
  change();
  stop();
  expect(vi.getTimerCount()).toBe(0);
  change();
  expect(vi.getTimerCount()).toBe(0);
  const stopAgain = throttle(store.subscribe)(() => seen.push(store.get()));
  change();
  vi.advanceTimersByTime(200);
  expect(seen).toEqual([3]);
  stopAgain();
  expect(vi.getTimerCount()).toBe(0);
});

test("a hidden page, which renders no frames, is notified too", () => {
  vi.stubGlobal("requestAnimationFrame", () => 0);
  const { seen, change } = startCounting();
  for (let i = 0; i < 40; i++) {
    change();
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(1000);
  expect(seen.at(-1)).toBe(40);
  expect(seen.length).toBeGreaterThan(5);
});

test("a listener can leave, or change the store, while it is notified", () => {
  const store = createStore(0);
  const seen: number[] = [];
  const stop = throttle(store.subscribe)(() => {
    seen.push(store.get());
    if (store.get() < 5) store.set((value) => value + 1);
    else stop();
  });
  store.set(1);
  vi.advanceTimersByTime(5_000);
  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(vi.getTimerCount()).toBe(0);
});
