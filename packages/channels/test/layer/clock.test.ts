import { systemClock } from "@multichat/channels/layer";
import { SteppableClock } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";

describe("the steppable clock", () => {
  it("fires timers ordered by time, then by creation, each at its own time", async () => {
    const clock = new SteppableClock(0);
    const calls: [string, number][] = [];
    const set = (name: string, ms: number) => clock.setTimeout(() => calls.push([name, clock.now()]), ms);
    set("late", 30);
    set("early", 10);
    set("early too", 10);
    const cleared = set("cleared", 20);
    clock.clearTimeout(cleared);
    await clock.advance(29);
    expect(calls).toEqual([
      ["early", 10],
      ["early too", 10],
    ]);
    expect([clock.now(), clock.pendingTimers]).toEqual([29, 1]);
    await clock.advance(1);
    expect(calls.at(-1)).toEqual(["late", 30]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("lets promises settle after each timer, and fires the timers that they set within the span", async () => {
    const clock = new SteppableClock(0);
    const times: number[] = [];
    const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
    const loop = (async () => {
      for (let round = 0; round < 5; round += 1) {
        await sleep(10);
        await Promise.resolve();
        times.push(clock.now());
      }
    })();
    await clock.advance(35);
    expect(times).toEqual([10, 20, 30]);
    await clock.advance(20);
    await loop;
    expect(times).toEqual([10, 20, 30, 40, 50]);
  });

  it("rejects negative durations", async () => {
    await expect(new SteppableClock().advance(-1)).rejects.toThrow(RangeError);
    await expect(new SteppableClock().advance(Number.NaN)).rejects.toThrow(RangeError);
  });
});

describe("the system clock", () => {
  it("returns the time, fires timers, and cancels them", async () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
    const calls: string[] = [];
    systemClock.clearTimeout(systemClock.setTimeout(() => calls.push("cleared"), 0));
    // The clock's timers do not keep the process alive. This one does until the clock's has fired.
    const keepAlive = setTimeout(() => undefined, 10_000);
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 1));
    clearTimeout(keepAlive);
    expect(calls).toEqual([]);
  });
});
