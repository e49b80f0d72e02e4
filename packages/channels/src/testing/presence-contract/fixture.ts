import { afterEach, describe, it } from "vitest";
import { type Clock, systemClock } from "../../layer/clock.ts";
import type { Presence, PresenceDiff } from "../../presence/presence.ts";
import type { PresenceOptions } from "../../presence/presence-options.ts";
import { defaultTimeoutMs, RULE_TIMEOUT_MS } from "../default-timeout.ts";
import { eventually } from "../eventually.ts";
import { withLongerTimes } from "../longer-times.ts";
import { PausableClock } from "../pausable-clock.ts";
import { SteppableClock } from "../steppable-clock.ts";

/** What the suite asks of a presence that it has made. */
export interface ContractPresenceOptions extends PresenceOptions {
  /** Presences made with the same prefix know of each other, as those of several processes do. */
  readonly prefix: string;
  /** Time for what the presences of this prefix share. A presence's own `clock` may stop with its process. */
  readonly sharedClock: Clock;
}

/** Makes the presence under test. The suite closes it. */
export type PresenceFactory = (options: ContractPresenceOptions) => Presence | Promise<Presence>;

export interface PresenceContractOptions {
  /**
   * "stepped" hands the presence clocks that the suite moves; "real" uses short times and lets them pass.
   * @default "real"
   */
  readonly time?: "stepped" | "real";
  /**
   * How much longer than usual the short times are where time is real: for machines that are slow or busy.
   * @default 1
   */
  readonly timeScale?: number;
  /**
   * Runs of the property.
   * @default 50
   */
  readonly runs?: number;
  /**
   * Connections in the leak test.
   * @default 10_000
   */
  readonly leakCycles?: number;
}

export type PresenceRule = `P${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`;

interface Times {
  readonly windowMs: number;
  readonly graceMs: number;
  readonly leaseMs: number;
  readonly renewMs: number;
}

/** The diffs that one watcher was told, and who is there by its reckoning. */
export interface Watcher {
  readonly diffs: PresenceDiff[];
  readonly present: Set<string>;
  stop(): Promise<void>;
}

/** Makes presences, moves time, closes everything after each test. */
export class PresenceContractFixture {
  readonly options: PresenceContractOptions;
  times: Times;
  readonly #presenceFactory: PresenceFactory;
  #clock: SteppableClock | undefined;
  #presences: Presence[] = [];
  #nameCount = 0;

  constructor(make: PresenceFactory, options: PresenceContractOptions) {
    this.#presenceFactory = make;
    this.options = options;
    this.times =
      options.time === "stepped"
        ? { windowMs: 250, graceMs: 5_000, leaseMs: 30_000, renewMs: 10_000 }
        : scaleTimes({ windowMs: 40, graceMs: 400, leaseMs: 1_200, renewMs: 300 }, options.timeScale ?? 1);
  }

  get pendingTimers(): number {
    return this.#clock?.pendingTimers ?? 0;
  }

  /** A presence and the clock of its process. */
  async createProcess(prefix: string): Promise<{ readonly createPresence: Presence; readonly clock: PausableClock }> {
    const sharedClock = this.#getSharedClock();
    const clock = new PausableClock(sharedClock);
    const presence = await this.#presenceFactory({ prefix, sharedClock, clock, ...this.times });
    this.#presences.push(presence);
    return { createPresence: presence, clock };
  }

  async presence(prefix: string = this.uniqueName("prefix")): Promise<Presence> {
    return (await this.createProcess(prefix)).createPresence;
  }

  async watch(presence: Presence, group: string): Promise<Watcher> {
    const diffs: PresenceDiff[] = [];
    const present = new Set<string>();
    const { members, stop } = await presence.watch(group, (diff) => {
      diffs.push(diff);
      for (const member of diff.joined) present.add(member);
      for (const member of diff.left) present.delete(member);
    });
    for (const member of members) present.add(member);
    return { diffs, present, stop };
  }

  uniqueName(beginning: string): string {
    this.#nameCount += 1;
    return `${beginning}.${process.pid}.${this.#nameCount}`;
  }

  async advance(ms: number): Promise<void> {
    if (this.#clock !== undefined) return await this.#clock.advance(ms);
    const end = performance.now() + ms;
    await eventually(() => performance.now() >= end, { timeoutMs: ms + defaultTimeoutMs(5_000) });
  }

  /** Long enough for a change to have been told, wherever it was made. */
  async waitForDiffs(): Promise<void> {
    await this.advance(this.times.windowMs + (this.#clock === undefined ? 60 : 1));
  }

  testRule(rule: PresenceRule, behaviour: string, test: () => Promise<void>): void {
    it(`${rule} ${behaviour}`, test, RULE_TIMEOUT_MS);
  }

  /** A rule whose test depends on the times that pass, which may be the real ones. */
  testTimedRule(rule: PresenceRule, behaviour: string, test: () => Promise<void>): void {
    if (this.options.time === "stepped") {
      this.testRule(rule, behaviour, test);
      return;
    }
    const { times } = this;
    const testStretched = async (factor: number): Promise<void> => {
      this.times = scaleTimes(times, factor);
      await test();
    };
    this.testRule(rule, behaviour, async () => {
      try {
        await withLongerTimes(testStretched, () => this.closeAll());
      } finally {
        this.times = times;
      }
    });
  }

  async closeAll(): Promise<void> {
    const made = this.#presences;
    this.#presences = [];
    await Promise.all(made.map((presence) => presence.close()));
    this.#clock = undefined;
  }

  #getSharedClock(): Clock {
    if (this.options.time !== "stepped") return systemClock;
    this.#clock ??= new SteppableClock();
    return this.#clock;
  }
}

function scaleTimes({ windowMs, graceMs, leaseMs, renewMs }: Times, by: number): Times {
  return { windowMs: windowMs * by, graceMs: graceMs * by, leaseMs: leaseMs * by, renewMs: renewMs * by };
}

/** Declares the tests of one presence around its fixture. */
export function describeWithFixture(
  name: string,
  fixture: PresenceContractFixture,
  declare: (fixture: PresenceContractFixture) => void,
) {
  describe(name, () => {
    afterEach(() => fixture.closeAll());
    declare(fixture);
  });
}
