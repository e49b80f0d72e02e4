import type { ChannelApplication } from "../consumer/application.ts";
import { type Logger, silentLogger } from "../consumer/logger.ts";
import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";
import { getLayer } from "../layer/layer-registry.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { ChannelSession } from "../worker/channel-session.ts";

export interface ApplicationCommunicatorOptions {
  /** @default getLayer("default") */
  readonly layer?: ChannelLayer;
  /** @default silent */
  readonly logger?: Logger;
}

/** A named channel's consumer without a worker: hands it messages, one after another. */
export class ApplicationCommunicator {
  readonly #session: ChannelSession;
  readonly #abort = new AbortController();

  constructor(
    application: ChannelApplication | Application,
    channel: string,
    options: ApplicationCommunicatorOptions = {},
  ) {
    const router = "channel" in application ? application.channel : application;
    const consumer = router.findConsumer({ channel });
    if (consumer === undefined) {
      throw new Error(`No consumer works on "${channel}"; the router has: ${router.names.join(", ") || "none"}.`);
    }
    this.#session = new ChannelSession(consumer, channel, {
      layer: options.layer ?? getLayer(),
      logger: options.logger ?? silentLogger,
      signal: this.#abort.signal,
    });
  }

  /** Joins the consumer's groups. */
  start(): Promise<void> {
    return this.#session.start();
  }

  /** Resolves when the handler is done, and rejects with what it threw. False when no handler takes the message. */
  send(message: LayerMessage): Promise<boolean> {
    return this.#session.handle(message);
  }

  /** Fires the consumer's signal and leaves its groups. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#session.end();
  }
}
