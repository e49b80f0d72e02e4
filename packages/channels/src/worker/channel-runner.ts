import type { Consumer, ConsumerContext, MaybePromise } from "../consumer/consumer.ts";
import type { ConsumerClass } from "../consumer/consumer-class.ts";
import { getHandlerTable, type HandlerTable } from "../consumer/handler-table.ts";
import type { Logger } from "../consumer/logger.ts";
import type { ChannelScope } from "../consumer/scope.ts";
import type { ChannelLayer, Delivery, LayerMessage } from "../layer/channel-layer.ts";
import type { EventMap } from "../layer/events.ts";
import { SharedDelivery } from "../layer/shared-delivery.ts";

/** The options of a runner. */
export interface ChannelRunnerOptions {
  readonly layer: ChannelLayer;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Runs a consumer on a named channel, one message after another. */
export class ChannelRunner implements ConsumerContext {
  readonly scope: ChannelScope;
  readonly groups = new Set<string>();
  readonly #options: ChannelRunnerOptions;
  readonly #class: ConsumerClass;
  readonly #handlers: HandlerTable;
  readonly #consumer: Consumer<EventMap>;

  constructor(consumerClass: ConsumerClass, channel: string, options: ChannelRunnerOptions) {
    this.scope = Object.freeze({ type: "channel", channel, signal: options.signal });
    this.#options = options;
    this.#class = consumerClass;
    this.#handlers = getHandlerTable(consumerClass);
    this.#consumer = new consumerClass(this);
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  get logger(): Logger {
    return this.#options.logger;
  }

  layer(): ChannelLayer {
    return this.#options.layer;
  }

  channelName(): string {
    return this.scope.channel;
  }

  async groupAdd(group: string): Promise<void> {
    await this.#options.layer.groupAdd(group, this.scope.channel);
    this.groups.add(group);
  }

  async groupDiscard(group: string): Promise<void> {
    await this.#options.layer.groupDiscard(group, this.scope.channel);
    this.groups.delete(group);
  }

  /** Joins the groups of the consumer class. */
  async start(): Promise<void> {
    for (const group of this.#class.groups) await this.groupAdd(group);
  }

  /** Calls the message's handler and rethrows its error. Returns false when there is no handler. */
  async handle(message: LayerMessage): Promise<boolean> {
    const handler = this.#handlers.findHandler(message.type);
    if (handler?.kind !== "method") {
      if (this.#handlers.shouldReportUnknown(message.type)) {
        const details = { consumer: this.#class.name, channel: this.scope.channel, event: message.type };
        this.#options.logger.warn(details, this.#handlers.describeUnknown(message.type, this.#consumer));
      }
      return false;
    }
    const delivery = SharedDelivery.from(message);
    // The handler table found a method with this name; the router checks at compile time that it takes this event.
    const methods = this.#consumer as unknown as Record<
      string,
      (event: unknown, delivery: Delivery) => MaybePromise<void>
    >;
    await methods[handler.name]?.(delivery.message, delivery);
    return true;
  }

  /** Leaves all groups. */
  async end(): Promise<void> {
    for (const group of [...this.groups]) await this.groupDiscard(group);
  }
}
