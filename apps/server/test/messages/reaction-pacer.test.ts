import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ReactionPacer } from "../../src/messages/reaction-pacer.ts";

beforeEach(() => {
  vi.useFakeTimers();
  // The cache takes a time of zero for none.
  vi.advanceTimersByTime(1);
});
afterEach(() => {
  vi.useRealTimers();
});

/** A store of reactions as the real one behaves: a change with a known client id has no effect. */
function fixture() {
  const pacer = new ReactionPacer(() => performance.now());
  const present = new Map<string, boolean>();
  const known = new Set<string>();
  const events: string[] = [];
  let seq = 0;
  const set = (isPresent: boolean, { user = "u", room = "r", message = "m", emoji = "e", clientId = "" } = {}) => {
    const key = `${user} ${message} ${emoji}`;
    const id = clientId === "" ? undefined : clientId;
    return pacer.set({ user, room, message, emoji, present: isPresent, clientId: id }, async (wanted) => {
      await Promise.resolve();
      if (id !== undefined && known.has(id)) return { seq, isRepeat: true };
      if (id !== undefined) known.add(id);
      if (present.get(key) !== wanted) {
        seq += 1;
        present.set(key, wanted);
        events.push(`${key} ${wanted}`);
      }
      return { seq, isRepeat: false };
    });
  };
  return { set, events, known, isPresent: (key = "u m e") => present.get(key) ?? false };
}

describe("reactions that one user switches on and off reach the others a bounded number of times", () => {
  test.each([
    ["300 times at once", 300, 0],
    ["at the rate of a connection", 620, 20],
    ["at the rate of an account", 1_000, 10],
    ["every 100 ms", 300, 100],
    ["every 333 ms", 100, 333],
  ])("%s, and the last one counts", async (_, times, everyMs) => {
    const { set, events, isPresent } = fixture();
    const results = [];
    for (let i = 0; i < times; i += 1) {
      results.push(set(i % 2 === 0).result);
      await vi.advanceTimersByTimeAsync(everyMs);
    }
    await vi.advanceTimersByTimeAsync(2_000);
    await Promise.all(results);
    expect(events.length).toBeLessThanOrEqual(1 + 8 + Math.ceil((times * everyMs) / 500) + 4);
    expect(isPresent()).toBe((times - 1) % 2 === 0);
  });

  test.each([
    ["of one message", (i: number) => ({ emoji: `e${i % 20}` })],
    ["of many messages", (i: number) => ({ message: `m${i % 20}` })],
    ["of both", (i: number) => ({ message: `m${i % 5}`, emoji: `e${i % 4}` })],
  ])("with twenty reactions %s in turn", async (_, which) => {
    const { set, events } = fixture();
    for (let i = 0; i < 600; i += 1) set(Math.floor(i / 20) % 2 === 0, which(i));
    await vi.advanceTimersByTimeAsync(60_000);
    // Each of them once at once, then what all of them repeat together.
    expect(events.length).toBeLessThanOrEqual(20 + 8 + 20);
  });

  test("whatever the order and the times, every reaction ends as it was last wanted", async () => {
    const steps = fc.array(
      fc.record({ on: fc.boolean(), emoji: fc.constantFrom("a", "b", "c"), waitMs: fc.nat(900) }),
      { minLength: 1, maxLength: 80 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const { set, isPresent } = fixture();
        const results = [];
        for (const [index, { on, emoji, waitMs }] of given.entries()) {
          results.push(set(on, { emoji, clientId: `c${index}` }).result);
          await vi.advanceTimersByTimeAsync(waitMs);
        }
        await vi.advanceTimersByTimeAsync(60_000);
        await Promise.all(results);
        for (const emoji of new Set(given.map((step) => step.emoji))) {
          expect(isPresent(`u m ${emoji}`)).toBe(given.findLast((step) => step.emoji === emoji)?.on);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a change for whose predecessor the minute has passed", () => {
  test("takes effect after it, where it still waits for its turn", async () => {
    const { set, events, isPresent } = fixture();
    for (let i = 0; i < 200; i += 1) set(true, { emoji: `e${i}` });
    await vi.advanceTimersByTimeAsync(0);
    const removed = Array.from({ length: 200 }, (_, i) => set(false, { emoji: `e${i}` }));
    await vi.advanceTimersByTimeAsync(61_000);
    // Its turn would come after 96 s.
    expect(isPresent("u m e199")).toBe(true);
    events.length = 0;
    const last = set(true, { emoji: "e199" });
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all([...removed, last].map(({ result }) => result));
    expect(isPresent("u m e199")).toBe(true);
    expect(events).not.toContain("u m e199 false");
  });

  test("takes effect after it, where the store has not answered yet", async () => {
    const pacer = new ReactionPacer(() => performance.now());
    const state = { user: "u", room: "r", message: "m", emoji: "e", clientId: undefined };
    const applied: boolean[] = [];
    const slow = Promise.withResolvers<void>();
    const first = pacer.set({ ...state, present: true }, async (present) => {
      await slow.promise;
      applied.push(present);
      return { seq: 1, isRepeat: false };
    });
    await vi.advanceTimersByTimeAsync(61_000);
    const second = pacer.set({ ...state, present: false }, async (present) => {
      applied.push(present);
      return { seq: 2, isRepeat: false };
    });
    await vi.advanceTimersByTimeAsync(1_000);
    slow.resolve();
    await Promise.all([first.result, second.result]);
    expect(applied).toEqual([true, false]);
  });

  test("is a repeated one for a minute after its predecessor took effect", async () => {
    const { set, events } = fixture();
    for (let i = 0; i < 200; i += 1) set(true, { emoji: `e${i}` });
    await vi.advanceTimersByTimeAsync(0);
    for (let i = 0; i < 200; i += 1) set(false, { emoji: `e${i}` });
    await vi.advanceTimersByTimeAsync(97_000);
    events.length = 0;
    // Of the removals, the last 120 took effect within the minute.
    for (let i = 80; i < 200; i += 1) set(true, { emoji: `e${i}` });
    await vi.advanceTimersByTimeAsync(0);
    expect(events.length).toBeLessThanOrEqual(8);
  });
});

test("first reactions to any number of messages take effect at once", async () => {
  const { set, events } = fixture();
  const changes = Array.from({ length: 100 }, (_, i) => set(true, { message: `m${i}` }));
  await Promise.all(changes.map(({ result }) => result));
  expect(events).toHaveLength(100);
  expect(changes.some(({ isWaiting }) => isWaiting)).toBe(false);
});

test("other users, and the same user in another room, do not wait", async () => {
  const { set, events } = fixture();
  for (let i = 0; i < 40; i += 1) set(i % 2 === 0);
  await vi.advanceTimersByTimeAsync(0);
  const before = events.length;
  set(true, { user: "other" });
  set(true, { room: "r2", message: "m2" });
  await vi.advanceTimersByTimeAsync(0);
  set(false, { user: "other" });
  set(false, { room: "r2", message: "m2" });
  await vi.advanceTimersByTimeAsync(0);
  expect(events.length - before).toBe(4);
});

describe("a change that is sent again after a lost reply", () => {
  async function exhaust(set: ReturnType<typeof fixture>["set"]): Promise<void> {
    for (let i = 0; i < 20; i += 1) set(i % 2 === 0);
    await vi.advanceTimersByTimeAsync(0);
  }

  test("keeps its place while it waits", async () => {
    const { set, isPresent } = fixture();
    await exhaust(set);
    const results = [set(true, { clientId: "k1" }), set(false, { clientId: "k2" }), set(true, { clientId: "k1" })];
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all(results.map(({ result }) => result));
    expect(isPresent()).toBe(false);
  });

  test("has no effect on newer changes when it was applied long ago", async () => {
    const { set, known, isPresent } = fixture();
    known.add("old");
    await exhaust(set);
    const results = [set(false, { clientId: "k3" }), set(true, { clientId: "old" })];
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all(results.map(({ result }) => result));
    expect(isPresent()).toBe(false);
  });

  test("finds the keys of changes that were replaced", async () => {
    const { set, known } = fixture();
    await exhaust(set);
    const results = Array.from({ length: 10 }, (_, i) => set(i % 2 === 0, { clientId: `k${i}` }));
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all(results.map(({ result }) => result));
    expect([...known].sort()).toEqual(Array.from({ length: 10 }, (_, i) => `k${i}`));
  });
});

test("a failure is the result of every change that it decides on, and the next change is tried", async () => {
  const pacer = new ReactionPacer(() => performance.now());
  const state = { user: "u", room: "r", message: "m", emoji: "e", clientId: undefined };
  const fail = () => Promise.reject(new Error("refused"));
  const failing = pacer.set({ ...state, present: true }, fail);
  await expect(failing.result).rejects.toThrow("refused");
  const next = pacer.set({ ...state, present: true }, async () => ({ seq: 1, isRepeat: false }));
  await expect(next.result).resolves.toEqual({ seq: 1 });
});
