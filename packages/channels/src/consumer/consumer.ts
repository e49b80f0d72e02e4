import type { ChannelLayer, LayerGap } from "../layer/channel-layer.ts";
import type { AnyEventOf, EventMap } from "../layer/events.ts";
import { type Encoders, NO_ENCODERS } from "./encoders.ts";
import { registerFrameworkPrototype } from "./handler-table.ts";
import type { Logger } from "./logger.ts";
import type { Scope } from "./scope.ts";

/** Carries a consumer's event map in its type; nothing exists of it at run time. */
export declare const eventsOf: unique symbol;

/** A consumer that reacts to no event. */
export type NoEvents = Record<never, never>;

export type MaybePromise<T> = T | Promise<T>;

/** What a consumer is given by whatever runs it. Passed through its constructor, so that field initialisers can use it. */
export interface ConsumerContext {
  readonly scope: Scope;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** @throws UnknownLayer when the consumer's layer is not registered. */
  layer(): ChannelLayer;
  /** @throws UnknownLayer when the consumer's layer is not registered. */
  channelName(): string;
  readonly groups: ReadonlySet<string>;
  groupAdd(group: string): Promise<void>;
  groupDiscard(group: string): Promise<void>;
}

/**
 * One conversation: with a socket, or with whoever sends to a named channel. An event of type `chat.message` calls the
 * method `chatMessage(event, delivery)`, where `event` is shared and frozen; `delivery.copy()` gives one's own.
 */
export abstract class Consumer<Events extends EventMap = NoEvents> {
  /** The alias of its layer; `null` for none. "default" may be missing for as long as nobody asks for it. */
  static layer: string | null = "default";
  /** Groups that it is in from before `connect` until it ends. */
  static groups: readonly string[] = [];
  /** Events that become frames without a call of the consumer; see `encoders`. */
  static encoders: Encoders = NO_ENCODERS;

  declare readonly [eventsOf]: Events;
  readonly #context: ConsumerContext;

  constructor(context: ConsumerContext) {
    this.#context = context;
  }

  /** Fires when it ends. Hand it to everything that it waits for. */
  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get logger(): Logger {
    return this.#context.logger;
  }

  /** @throws UnknownLayer when its layer is not registered. */
  get channelLayer(): ChannelLayer {
    return this.#context.layer();
  }

  /**
   * The name under which the layer reaches this consumer alone.
   * @throws UnknownLayer when its layer is not registered.
   */
  get channelName(): string {
    return this.#context.channelName();
  }

  /** The groups that it is in. */
  get groups(): ReadonlySet<string> {
    return this.#context.groups;
  }

  /**
   * Joins a group until `groupDiscard` or its own end. Twice is once.
   * @throws InvalidName; ConnectionEnded when it has ended.
   */
  groupAdd(group: string): Promise<void> {
    return this.#context.groupAdd(group);
  }

  /** After it resolved nothing that is sent to the group later arrives here. Of a group that it is not in is no error. */
  groupDiscard(group: string): Promise<void> {
    return this.#context.groupDiscard(group);
  }

  /**
   * Sends an event of its own map to a group, of which it need not be a member. For other events use `channelLayer`.
   * @throws InvalidName; InvalidMessage when the event holds something that cannot travel.
   */
  groupSend(group: string, event: AnyEventOf<Events>): Promise<void> {
    return this.channelLayer.groupSend(group, event);
  }

  /**
   * The layer was disconnected and is back: events since `gap.since` may be missing. Does nothing unless overridden.
   */
  layerGap(_gap: LayerGap): MaybePromise<void> {}
}

registerFrameworkPrototype(Consumer.prototype);
