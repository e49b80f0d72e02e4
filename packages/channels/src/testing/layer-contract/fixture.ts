import { afterEach, describe, it } from "vitest";
import type { ChannelLayer } from "../../layer/channel-layer.ts";
import { type Clock, systemClock } from "../../layer/clock.ts";
import type { LayerOptions } from "../../layer/layer-options.ts";
import { defaultTimeoutMs, RULE_TIMEOUT_MS } from "../default-timeout.ts";
import { eventually } from "../eventually.ts";
import { Inbox } from "../inbox.ts";
import { withLongerTimes } from "../longer-times.ts";
import { SteppableClock } from "../steppable-clock.ts";

/** What the suite asks of a layer that it has made: the layer's options, and the prefix that keeps it apart. */
export interface ContractLayerOptions extends LayerOptions {
  /** Layers made with the same prefix are one system; with different ones they share nothing (L10). */
  readonly prefix: string;
}

/** Makes the layer under test. The suite closes it. */
export type LayerFactory = (options: ContractLayerOptions) => ChannelLayer | Promise<ChannelLayer>;

/** What only some layers can do. */
export type LayerCapability =
  /** A message waits for a listener that comes later. */
  | "waiting"
  /** The same on a channel that nobody made with newChannel. */
  | "namedWaiting"
  /** When a sending has resolved, the message has reached its listeners: nothing is still on its way. */
  | "instant"
  /** The report of a drop names the group by which the message came. */
  | "groupDrops"
  /** A sender is told that a listener's mailbox is full. */
  | "backpressure"
  /** Messages that expired while they waited are counted and reported. */
  | "expiryReports"
  /** Memberships expire. */
  | "groupExpiry"
  /** Bytes travel. */
  | "bytes"
  /** Integers beyond 2^53 travel. */
  | "bigint"
  /** Two layers of one prefix reach each other. */
  | "peers"
  /** There is a server that can be lost. */
  | "server";

/** The server behind a layer, in the suite's hands. */
export interface ContractServer {
  /** Cuts every layer off; resolves when they are. */
  disconnect(): Promise<void>;
  /** Lets them back; need not wait for it. */
  reconnect(): Promise<void>;
}

export interface LayerContractOptions {
  /**
   * What the layer cannot do, with the reason, which the skipped tests show.
   * @default {}
   */
  readonly unsupported?: Readonly<Partial<Record<LayerCapability, string>>>;
  /**
   * "stepped" hands the layer a clock that the suite moves; "real" lets time pass where expiry is the subject.
   * @default "real"
   */
  readonly time?: "stepped" | "real";
  /**
   * The expiry that is waited for, in milliseconds.
   * @default 400
   */
  readonly expiryMs?: number;
  /** How to lose the server and get it back; required unless `unsupported.server` says why not. */
  readonly server?: ContractServer;
  /** What is left of a closed prefix in the server (keys, say), described; the leak test expects none. */
  readonly listLeftovers?: (prefix: string) => Promise<readonly string[]>;
  /**
   * Runs of each property.
   * @default 100
   */
  readonly runs?: number;
  /**
   * Subscriptions in the leak test.
   * @default 10_000
   */
  readonly leakCycles?: number;
}

export type LayerRule = `L${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13}`;

/** A listener of a test: its channel and what came there. */
export interface Listener {
  readonly channel: string;
  readonly inbox: Inbox;
  unsubscribe(): Promise<void>;
}

/** One layer's tests: makes layers and names, moves time, closes everything after each test. */
export class LayerContractFixture {
  readonly options: LayerContractOptions;
  expiryMs: number;
  readonly runs: number;
  readonly #layerFactory: LayerFactory;
  #layers: ChannelLayer[] = [];
  #steppableClock: SteppableClock | undefined;
  #nameCount = 0;

  constructor(make: LayerFactory, options: LayerContractOptions) {
    this.#layerFactory = make;
    this.options = options;
    this.expiryMs = options.expiryMs ?? 400;
    this.runs = options.runs ?? 100;
  }

  /** The clock that layers of this test live by. */
  get clock(): Clock {
    if (this.options.time !== "stepped") return systemClock;
    this.#steppableClock ??= new SteppableClock();
    return this.#steppableClock;
  }

  /** Timers that layers of this test have not ended; 0 where time is real and nobody can tell. */
  get pendingTimers(): number {
    return this.#steppableClock?.pendingTimers ?? 0;
  }

  async createLayer(options: Partial<ContractLayerOptions> = {}): Promise<ChannelLayer> {
    const layer = await this.#layerFactory({ prefix: this.uniqueName("prefix"), clock: this.clock, ...options });
    this.#layers.push(layer);
    return layer;
  }

  /** A name that no other test of this process uses. */
  uniqueName(beginning: string): string {
    this.#nameCount += 1;
    return `${beginning}.${process.pid}.${this.#nameCount}`;
  }

  async createListener(
    layer: ChannelLayer,
    channel: string = layer.newChannel("test"),
    inbox = new Inbox(),
  ): Promise<Listener> {
    const subscription = await layer.subscribe(channel, inbox);
    return { channel, inbox, unsubscribe: () => subscription.unsubscribe() };
  }

  /** A listener that is a member of the group. */
  async createMember(layer: ChannelLayer, group: string, inbox = new Inbox()): Promise<Listener> {
    const listener = await this.createListener(layer, undefined, inbox);
    await layer.groupAdd(group, listener.channel);
    return listener;
  }

  /**
   * What has come to a listener once everything sent to it before has: for showing that something did not come.
   * Only call it after whatever was sent has been seen somewhere else.
   */
  async receivedTypes(layer: ChannelLayer, listener: Listener): Promise<readonly string[]> {
    const fence = this.uniqueName("fence");
    await layer.send(listener.channel, { type: fence });
    const messages = await listener.inbox.waitForType(fence);
    return messages.map((message) => message.type).filter((type) => type !== fence);
  }

  /** Lets time pass: at once where it can be stepped. */
  async advance(ms: number): Promise<void> {
    if (this.#steppableClock !== undefined) return await this.#steppableClock.advance(ms);
    const end = performance.now() + ms;
    await eventually(() => performance.now() >= end, { timeoutMs: ms + defaultTimeoutMs(5_000) });
  }

  /** A test of a rule; skipped with the reason in its title where the layer lacks what it needs. */
  testRule(rule: LayerRule, behaviour: string, test: () => Promise<void>, needs?: LayerCapability): void {
    const reason = needs === undefined ? undefined : this.options.unsupported?.[needs];
    if (reason === undefined) it(`${rule} ${behaviour}`, test, RULE_TIMEOUT_MS);
    else it.skip(`${rule} ${behaviour} (skipped: ${reason})`, test);
  }

  /** A rule whose test depends on times that pass, which may be the real ones. */
  testTimedRule(rule: LayerRule, behaviour: string, test: () => Promise<void>, needs?: LayerCapability): void {
    if (this.options.time === "stepped") {
      this.testRule(rule, behaviour, test, needs);
      return;
    }
    const { expiryMs } = this;
    const testStretched = async (stretch: number): Promise<void> => {
      this.expiryMs = expiryMs * stretch;
      await test();
    };
    const testWithLongerTimes = async (): Promise<void> => {
      try {
        await withLongerTimes(testStretched, () => this.closeAll());
      } finally {
        this.expiryMs = expiryMs;
      }
    };
    this.testRule(rule, behaviour, testWithLongerTimes, needs);
  }

  async closeAll(): Promise<void> {
    const made = this.#layers;
    this.#layers = [];
    this.#steppableClock = undefined;
    await Promise.all(made.map((layer) => layer.close()));
  }
}

/** Declares the tests of one layer around its fixture. */
export function describeWithFixture(
  name: string,
  fixture: LayerContractFixture,
  declare: (fixture: LayerContractFixture) => void,
): void {
  describe(name, () => {
    afterEach(() => fixture.closeAll());
    declare(fixture);
  });
}
