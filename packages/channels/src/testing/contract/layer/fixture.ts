import { afterEach, describe, it } from "vitest";
import type { ChannelLayer } from "../../../layer/channel-layer.ts";
import { type Clock, systemClock } from "../../../layer/clock.ts";
import { defaultTimeoutMs } from "../../default-timeout.ts";
import { eventually } from "../../eventually.ts";
import { Inbox } from "../../inbox.ts";
import { SteppableClock } from "../../steppable-clock.ts";
import { withLongerTimes } from "../longer-times.ts";
import { RULE_TIMEOUT_MS } from "../rule-timeout.ts";
import type {
  ContractLayerOptions,
  LayerCapability,
  LayerContractOptions,
  LayerFactory,
  LayerRule,
} from "./options.ts";

/** A channel with an inbox that is subscribed to it. */
export interface Listener {
  readonly channel: string;
  readonly inbox: Inbox;
  unsubscribe(): Promise<void>;
}

/** Creates layers, listeners and names, advances time, and closes everything after each test. */
export class LayerContractFixture {
  readonly options: LayerContractOptions;
  expiryMs: number;
  readonly runs: number;
  readonly #layerFactory: LayerFactory;
  #layers: ChannelLayer[] = [];
  #steppableClock: SteppableClock | undefined;
  #nameCount = 0;

  constructor(layerFactory: LayerFactory, options: LayerContractOptions) {
    this.#layerFactory = layerFactory;
    this.options = options;
    this.expiryMs = options.expiryMs ?? 400;
    this.runs = options.runs ?? 100;
  }

  /** The clock of the layers of the current test. */
  get clock(): Clock {
    if (this.options.time !== "stepped") return systemClock;
    this.#steppableClock ??= new SteppableClock();
    return this.#steppableClock;
  }

  /** Number of pending timers of the layers; 0 in real time, where it is unknown. */
  get pendingTimers(): number {
    return this.#steppableClock?.pendingTimers ?? 0;
  }

  async createLayer(options: Partial<ContractLayerOptions> = {}): Promise<ChannelLayer> {
    const layer = await this.#layerFactory({ prefix: this.uniqueName("prefix"), clock: this.clock, ...options });
    this.#layers.push(layer);
    return layer;
  }

  /** Returns a name that no other test of this process uses. */
  uniqueName(prefix: string): string {
    this.#nameCount += 1;
    return `${prefix}.${process.pid}.${this.#nameCount}`;
  }

  async createListener(
    layer: ChannelLayer,
    channel: string = layer.newChannel("test"),
    inbox = new Inbox(),
  ): Promise<Listener> {
    const subscription = await layer.subscribe(channel, inbox);
    return { channel, inbox, unsubscribe: () => subscription.unsubscribe() };
  }

  /** Creates a listener whose channel is a member of the group. */
  async createMember(layer: ChannelLayer, group: string, inbox = new Inbox()): Promise<Listener> {
    const listener = await this.createListener(layer, undefined, inbox);
    await layer.groupAdd(group, listener.channel);
    return listener;
  }

  /**
   * Returns the types that a listener has received, after everything sent to it before has arrived: for checking that a
   * message did not arrive. Call it only after another listener has received the message.
   */
  async receivedTypes(layer: ChannelLayer, listener: Listener): Promise<readonly string[]> {
    const fence = this.uniqueName("fence");
    await layer.send(listener.channel, { type: fence });
    const messages = await listener.inbox.waitForType(fence);
    return messages.map((message) => message.type).filter((type) => type !== fence);
  }

  /** Steps the clock, or waits in real time. */
  async advance(ms: number): Promise<void> {
    if (this.#steppableClock !== undefined) return await this.#steppableClock.advance(ms);
    const endMs = performance.now() + ms;
    await eventually(() => performance.now() >= endMs, { timeoutMs: ms + defaultTimeoutMs(5_000) });
  }

  /** Declares the test of a rule. It is skipped, with the reason in its title, if the layer lacks a capability. */
  testRule(
    rule: LayerRule,
    behavior: string,
    test: () => Promise<void>,
    ...required: readonly LayerCapability[]
  ): void {
    const reason = required.map((capability) => this.options.unsupported?.[capability]).find(Boolean);
    if (reason === undefined) it(`${rule} ${behavior}`, test, RULE_TIMEOUT_MS);
    else it.skip(`${rule} ${behavior} (skipped: ${reason})`, test);
  }

  /** Declares the test of a rule that depends on time. In real time it is retried with longer times. */
  testTimedRule(
    rule: LayerRule,
    behavior: string,
    test: () => Promise<void>,
    ...required: readonly LayerCapability[]
  ): void {
    if (this.options.time === "stepped") {
      this.testRule(rule, behavior, test, ...required);
      return;
    }
    const { expiryMs } = this;
    const testScaled = async (factor: number): Promise<void> => {
      this.expiryMs = expiryMs * factor;
      await test();
    };
    const testWithLongerTimes = async (): Promise<void> => {
      try {
        await withLongerTimes(testScaled, () => this.closeAll());
      } finally {
        this.expiryMs = expiryMs;
      }
    };
    this.testRule(rule, behavior, testWithLongerTimes, ...required);
  }

  async closeAll(): Promise<void> {
    const layers = this.#layers;
    this.#layers = [];
    this.#steppableClock = undefined;
    await Promise.all(layers.map((layer) => layer.close()));
  }
}

/** Declares the tests of a layer, and closes the fixture after each. */
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
