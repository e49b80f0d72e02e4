import type { ChannelApplication } from "../consumer/application.ts";
import { type Logger, silentLogger } from "../consumer/logger.ts";
import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";
import { getLayer } from "../layer/layer-registry.ts";
import { checkOptions } from "../options.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { ChannelRunner } from "../worker/channel-runner.ts";

/** The options of an application communicator. */
export interface ApplicationCommunicatorOptions {
  /** @default getLayer("default") */
  readonly layer?: ChannelLayer;
  /** @default silent */
  readonly logger?: Logger;
}

/** Runs the consumer of a named channel without a worker, for tests. */
export class ApplicationCommunicator {
  readonly #runner: ChannelRunner;
  readonly #abort = new AbortController();

  constructor(
    application: ChannelApplication | Application,
    channel: string,
    options: ApplicationCommunicatorOptions = {},
  ) {
    checkOptions<ApplicationCommunicatorOptions>(options, { layer: true, logger: true });
    const router = "channel" in application ? application.channel : application;
    const consumer = router.findConsumer({ channel });
    if (consumer === undefined) {
      throw new Error(
        `The router has no consumer for channel "${channel}"; it has: ${router.names.join(", ") || "none"}.`,
      );
    }
    this.#runner = new ChannelRunner(consumer, channel, {
      layer: options.layer ?? getLayer(),
      logger: options.logger ?? silentLogger,
      signal: this.#abort.signal,
    });
  }

  /** Joins the consumer's groups. */
  start(): Promise<void> {
    return this.#runner.start();
  }

  /** Calls the message's handler and rejects with its error. Returns false when there is no handler. */
  send(message: LayerMessage): Promise<boolean> {
    return this.#runner.handle(message);
  }

  /** Fires the consumer's signal and leaves its groups. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#runner.end();
  }
}
