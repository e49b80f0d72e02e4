import { afterEach, describe, it } from "vitest";
import type { ChannelLayer } from "../layer/channel-layer.ts";
import { type Clock, systemClock } from "../layer/clock.ts";
import type { LayerOptions } from "../layer/layer-options.ts";
import { SteppableClock } from "./clock.ts";
import { defaultTimeoutMs, RULE_TIMEOUT_MS } from "./default-timeout.ts";
import { eventually } from "./eventually.ts";
import { Inbox } from "./inbox.ts";

/** What the suite asks of a layer that it has made: the layer's options, and the prefix that keeps it apart. */
export interface ContractLayerOptions extends LayerOptions {
  /** Layers made with the same prefix are one system; with different ones they share nothing (L10). */
  readonly prefix: string;
}

/** Makes the layer under test. The suite closes it. */
export type MakeLayer = (options: ContractLayerOptions) => ChannelLayer | Promise<ChannelLayer>;

/** What only some layers can do. */
export type LayerAbility =
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
  readonly cannot?: Readonly<Partial<Record<LayerAbility, string>>>;
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
  /** How to lose the server and get it back; required unless `cannot.server` says why not. */
  readonly server?: ContractServer;
  /** What is left of a closed prefix in the server (keys, say), described; the leak test expects none. */
  readonly residue?: (prefix: string) => Promise<readonly string[]>;
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
  end(): Promise<void>;
}

/** One layer's tests: makes layers and names, moves time, closes everything after each test. */
export class LayerContractKit {
  readonly options: LayerContractOptions;
  readonly expiryMs: number;
  readonly runs: number;
  readonly #make: MakeLayer;
  #made: ChannelLayer[] = [];
  #stepped: SteppableClock | undefined;
  #names = 0;

  constructor(make: MakeLayer, options: LayerContractOptions) {
    this.#make = make;
    this.options = options;
    this.expiryMs = options.expiryMs ?? 400;
    this.runs = options.runs ?? 100;
  }

  /** The clock that layers of this test live by. */
  get clock(): Clock {
    if (this.options.time !== "stepped") return systemClock;
    this.#stepped ??= new SteppableClock();
    return this.#stepped;
  }

  /** Timers that layers of this test have not ended; 0 where time is real and nobody can tell. */
  get pendingTimers(): number {
    return this.#stepped?.pending ?? 0;
  }

  async layer(options: Partial<ContractLayerOptions> = {}): Promise<ChannelLayer> {
    const layer = await this.#make({ prefix: this.name("prefix"), clock: this.clock, ...options });
    this.#made.push(layer);
    return layer;
  }

  /** A name that no other test of this process uses. */
  name(beginning: string): string {
    this.#names += 1;
    return `${beginning}.${process.pid}.${this.#names}`;
  }

  async listen(
    layer: ChannelLayer,
    channel: string = layer.newChannel("test"),
    inbox = new Inbox(),
  ): Promise<Listener> {
    const subscription = await layer.subscribe(channel, inbox);
    return { channel, inbox, end: () => subscription.unsubscribe() };
  }

  /** A listener that is a member of the group. */
  async member(layer: ChannelLayer, group: string, inbox = new Inbox()): Promise<Listener> {
    const listener = await this.listen(layer, undefined, inbox);
    await layer.groupAdd(group, listener.channel);
    return listener;
  }

  /**
   * What has come to a listener once everything sent to it before has: for showing that something did not come.
   * Only call it after whatever was sent has been seen somewhere else.
   */
  async upToNow(layer: ChannelLayer, listener: Listener): Promise<readonly string[]> {
    const fence = this.name("fence");
    await layer.send(listener.channel, { type: fence });
    const messages = await listener.inbox.sees(fence);
    return messages.map((message) => message.type).filter((type) => type !== fence);
  }

  /** Lets time pass: at once where it can be stepped. */
  async pass(ms: number): Promise<void> {
    if (this.#stepped !== undefined) return await this.#stepped.advance(ms);
    const end = performance.now() + ms;
    await eventually(() => performance.now() >= end, { timeoutMs: ms + defaultTimeoutMs(5_000) });
  }

  /** A test of a rule; skipped with the reason in its title where the layer lacks what it needs. */
  rule(rule: LayerRule, behaviour: string, test: () => Promise<void>, needs?: LayerAbility): void {
    const reason = needs === undefined ? undefined : this.options.cannot?.[needs];
    if (reason === undefined) it(`${rule} ${behaviour}`, test, RULE_TIMEOUT_MS);
    else it.skip(`${rule} ${behaviour} (skipped: ${reason})`, test);
  }

  async closeAll(): Promise<void> {
    const made = this.#made;
    this.#made = [];
    this.#stepped = undefined;
    await Promise.all(made.map((layer) => layer.close()));
  }
}

/** Declares the tests of one layer around its kit. */
export function withKit(name: string, kit: LayerContractKit, declare: (kit: LayerContractKit) => void): void {
  describe(name, () => {
    afterEach(() => kit.closeAll());
    declare(kit);
  });
}
