import { afterEach, describe, it } from "vitest";
import { type Clock, systemClock } from "../../../layer/clock.ts";
import type { Presence, PresenceDiff } from "../../../presence/presence.ts";
import { defaultTimeoutMs } from "../../default-timeout.ts";
import { eventually } from "../../eventually.ts";
import { PausableClock } from "../../pausable-clock.ts";
import { SteppableClock } from "../../steppable-clock.ts";
import { withLongerTimes } from "../longer-times.ts";
import { RULE_TIMEOUT_MS } from "../rule-timeout.ts";
import type { PresenceContractOptions, PresenceFactory, PresenceRule } from "./options.ts";

interface Times {
  readonly windowMs: number;
  readonly graceMs: number;
  readonly leaseMs: number;
  readonly renewMs: number;
}

/** The diffs that a watcher received, and the present members according to them. */
export interface Watcher {
  readonly diffs: PresenceDiff[];
  readonly present: Set<string>;
  stop(): Promise<void>;
}

/** Creates presences and names, advances time, and closes everything after each test. */
export class PresenceContractFixture {
  readonly options: PresenceContractOptions;
  times: Times;
  readonly #presenceFactory: PresenceFactory;
  #clock: SteppableClock | undefined;
  #presences: Presence[] = [];
  #nameCount = 0;

  constructor(presenceFactory: PresenceFactory, options: PresenceContractOptions) {
    this.#presenceFactory = presenceFactory;
    this.options = options;
    this.times =
      options.time === "stepped"
        ? { windowMs: 250, graceMs: 5_000, leaseMs: 30_000, renewMs: 10_000 }
        : scaleTimes({ windowMs: 40, graceMs: 400, leaseMs: 1_200, renewMs: 300 }, options.timeScale ?? 1);
  }

  get pendingTimers(): number {
    return this.#clock?.pendingTimers ?? 0;
  }

  /** Creates a presence with its own clock, like one of a separate process. */
  async createProcess(prefix: string): Promise<{ readonly presence: Presence; readonly clock: PausableClock }> {
    const sharedClock = this.#getSharedClock();
    const clock = new PausableClock(sharedClock);
    const presence = await this.#presenceFactory({ prefix, sharedClock, clock, ...this.times });
    this.#presences.push(presence);
    return { presence, clock };
  }

  async createPresence(prefix: string = this.uniqueName("prefix")): Promise<Presence> {
    return (await this.createProcess(prefix)).presence;
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

  /** Returns a name that no other test of this process uses. */
  uniqueName(prefix: string): string {
    this.#nameCount += 1;
    return `${prefix}.${process.pid}.${this.#nameCount}`;
  }

  /** Steps the clock, or waits in real time. */
  async advance(ms: number): Promise<void> {
    if (this.#clock !== undefined) return await this.#clock.advance(ms);
    const endMs = performance.now() + ms;
    await eventually(() => performance.now() >= endMs, { timeoutMs: ms + defaultTimeoutMs(5_000) });
  }

  /** Waits until a change in any process has been reported. */
  async waitForDiffs(): Promise<void> {
    await this.advance(this.times.windowMs + (this.#clock === undefined ? 60 : 1));
  }

  /** Declares the test of a rule. */
  testRule(rule: PresenceRule, behavior: string, test: () => Promise<void>): void {
    it(`${rule} ${behavior}`, test, RULE_TIMEOUT_MS);
  }

  /** Declares the test of a rule that depends on time. In real time it is retried with longer times. */
  testTimedRule(rule: PresenceRule, behavior: string, test: () => Promise<void>): void {
    if (this.options.time === "stepped") {
      this.testRule(rule, behavior, test);
      return;
    }
    const { times } = this;
    const testScaled = async (factor: number): Promise<void> => {
      this.times = scaleTimes(times, factor);
      await test();
    };
    this.testRule(rule, behavior, async () => {
      try {
        await withLongerTimes(testScaled, () => this.closeAll());
      } finally {
        this.times = times;
      }
    });
  }

  async closeAll(): Promise<void> {
    const presences = this.#presences;
    this.#presences = [];
    await Promise.all(presences.map((presence) => presence.close()));
    this.#clock = undefined;
  }

  #getSharedClock(): Clock {
    if (this.options.time !== "stepped") return systemClock;
    this.#clock ??= new SteppableClock();
    return this.#clock;
  }
}

function scaleTimes({ windowMs, graceMs, leaseMs, renewMs }: Times, factor: number): Times {
  return {
    windowMs: windowMs * factor,
    graceMs: graceMs * factor,
    leaseMs: leaseMs * factor,
    renewMs: renewMs * factor,
  };
}

/** Declares the tests of a presence, and closes the fixture after each. */
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
