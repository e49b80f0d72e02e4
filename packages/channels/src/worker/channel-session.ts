import type { Consumer, ConsumerContext, MaybePromise } from "../consumer/consumer.ts";
import type { ConsumerClass } from "../consumer/consumer-class.ts";
import { getHandlerTable, type HandlerTable } from "../consumer/handler-table.ts";
import type { Logger } from "../consumer/logger.ts";
import type { ChannelScope } from "../consumer/scope.ts";
import type { ChannelLayer, Delivery, LayerMessage } from "../layer/channel-layer.ts";
import type { EventMap } from "../layer/events.ts";
import { SharedDelivery } from "../layer/shared-delivery.ts";

/** What a session is run with. */
export interface ChannelSessionOptions {
  readonly layer: ChannelLayer;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** A consumer at work on a named channel: one message after another. */
export class ChannelSession implements ConsumerContext {
  readonly scope: ChannelScope;
  readonly groups = new Set<string>();
  readonly #options: ChannelSessionOptions;
  readonly #class: ConsumerClass;
  readonly #handlers: HandlerTable;
  readonly #consumer: Consumer<EventMap>;

  constructor(consumerClass: ConsumerClass, channel: string, options: ChannelSessionOptions) {
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

  /** Joins the class's groups. */
  async start(): Promise<void> {
    for (const group of this.#class.groups) await this.groupAdd(group);
  }

  /** Calls the handler of the message; throws what it throws. False when there is none. */
  async handle(message: LayerMessage): Promise<boolean> {
    const route = this.#handlers.findHandler(message.type);
    if (route?.kind !== "method") {
      if (this.#handlers.shouldReportUnknown(message.type)) {
        const details = { consumer: this.#class.name, channel: this.scope.channel, event: message.type };
        this.#options.logger.warn(details, "an event has no method; ignored");
      }
      return false;
    }
    const delivery = SharedDelivery.from(message);
    // The plan found a function under this name; the router has checked at compile time that it takes this event.
    const handlers = this.#consumer as unknown as Record<
      string,
      (event: unknown, delivery: Delivery) => MaybePromise<void>
    >;
    await handlers[route.name]?.(delivery.message, delivery);
    return true;
  }

  /** Leaves the groups. */
  async end(): Promise<void> {
    for (const group of [...this.groups]) await this.groupDiscard(group);
  }
}
