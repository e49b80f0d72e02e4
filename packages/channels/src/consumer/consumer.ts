import type { ChannelLayer, GroupPosition, GroupSendOptions, LayerGap } from "../layer/channel-layer.ts";
import type { AnyEventOf, EventMap } from "../layer/events.ts";
import { type Encoders, NO_ENCODERS } from "./encoders.ts";
import { registerFrameworkPrototype } from "./handler-table.ts";
import type { Logger } from "./logger.ts";
import type { Scope } from "./scope.ts";

/** The key under which a consumer's type carries its event map. It does not exist at run time. */
export declare const eventsOf: unique symbol;

/** The event map of a consumer without events. */
export type NoEvents = Record<never, never>;

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * What a consumer gets from its runner, through its constructor, so that field initializers can use it.
 */
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
 * Handles the messages of one WebSocket or of a named channel. An event of type `chat.message` calls the method
 * `chatMessage(event, delivery)`; `event` is shared and frozen, `delivery.copy()` returns a copy that can be changed.
 */
export abstract class Consumer<Events extends EventMap = NoEvents> {
  /**
   * The alias of the consumer's layer; `null` for none. "default" need not be registered unless the consumer uses it.
   */
  static layer: string | null = "default";
  /** Groups that the consumer joins before `connect` and leaves when it ends. */
  static groups: readonly string[] = [];
  /** Encode-once handlers: events that become frames without a call of the consumer. See `encoders`. */
  static encoders: Encoders = NO_ENCODERS;

  declare readonly [eventsOf]: Events;
  readonly #context: ConsumerContext;

  constructor(context: ConsumerContext) {
    this.#context = context;
  }

  /** Fires when the consumer ends. Pass it to everything that the consumer awaits. */
  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get logger(): Logger {
    return this.#context.logger;
  }

  /**
   * The consumer's layer.
   * @throws UnknownLayer when the layer is not registered.
   */
  get channelLayer(): ChannelLayer {
    return this.#context.layer();
  }

  /**
   * The name of this consumer's own channel.
   * @throws UnknownLayer when the layer is not registered.
   */
  get channelName(): string {
    return this.#context.channelName();
  }

  /** The groups that the consumer has joined. */
  get groups(): ReadonlySet<string> {
    return this.#context.groups;
  }

  /**
   * Joins a group until `groupDiscard` or the consumer's end. Idempotent.
   * @throws InvalidName; ConnectionEnded when the connection has ended.
   */
  groupAdd(group: string): Promise<void> {
    return this.#context.groupAdd(group);
  }

  /** Leaves a group, if the consumer is in it. Once it resolves, no later `groupSend` reaches the consumer. */
  groupDiscard(group: string): Promise<void> {
    return this.#context.groupDiscard(group);
  }

  /**
   * Sends an event of the consumer's map to a group, which it need not have joined; `except: this.channelName` leaves out
   * the consumer itself (L14). Use `channelLayer` for other events.
   * @returns the event's position, if the layer keeps a history of the group (L15).
   * @throws InvalidName; InvalidMessage when the event contains a value that a layer cannot carry.
   */
  groupSend(group: string, event: AnyEventOf<Events>, options?: GroupSendOptions): Promise<GroupPosition | undefined> {
    return this.channelLayer.groupSend(group, event, options);
  }

  /**
   * Called when the layer was disconnected and is back: events since `gap.since` may be missing. Does nothing by
   * default.
   */
  layerGap(_gap: LayerGap): MaybePromise<void> {}
}

registerFrameworkPrototype(Consumer.prototype);
