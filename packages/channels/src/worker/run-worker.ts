import type { ChannelApplication } from "../consumer/application.ts";
import { consoleLogger, type Logger } from "../consumer/logger.ts";
import { ChannelsError } from "../errors.ts";
import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";
import { MAX_DELAY_MS } from "../layer/clock.ts";
import { requireInteger } from "../layer/layer-options.ts";
import { getLayer } from "../layer/layer-registry.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { isAcknowledgingLayer, UnusableMessage } from "./acknowledgement.ts";
import { ChannelSession } from "./channel-session.ts";

/** How a worker works. */
export interface WorkerOptions {
  /**
   * The layer whose channels it works on.
   * @default getLayer("default")
   */
  readonly layer?: ChannelLayer;
  /**
   * Messages of one channel at work at once, each in a consumer of its own.
   * @default 1
   */
  readonly concurrency?: number;
  /** Stops the worker: nothing new is begun, what is at work is finished. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds that work may go on after the stop; then the consumers' `signal` fires.
   * @default 30_000
   */
  readonly graceMs?: number;
  /**
   * @default warnings and errors to the console
   */
  readonly logger?: Logger;
  /** Told of every message that was handled or failed: for metrics. */
  readonly onMessage?: (outcome: "handled" | "failed" | "unknown", channel: string) => void;
}

/** One message at work, on a layer of either kind. */
interface Task {
  readonly message: LayerMessage;
  onHandled(): Promise<void>;
  onFailed(error: unknown): Promise<void>;
  /** Nobody here knows what to do with it. */
  onUnknown(): Promise<void>;
}

const MIN_RETRY_DELAY_MS = 100;
const MAX_RETRY_DELAY_MS = 5_000;

/**
 * Works on named channels until the signal fires; resolves when all is finished. On a plain layer each message is
 * handled at most once; on one that acknowledges, again until a handler has returned without throwing.
 * @throws InvalidConsumer when a name has no consumer; InvalidOption.
 */
export async function runWorker(
  application: ChannelApplication | Application,
  names: readonly string[],
  options: WorkerOptions = {},
): Promise<void> {
  const router = "channel" in application ? application.channel : application;
  const layer = options.layer ?? getLayer();
  const logger = options.logger ?? consoleLogger;
  const concurrency = requireInteger("concurrency", options.concurrency ?? 1, 1, 10_000);
  const graceMs = requireInteger("graceMs", options.graceMs ?? 30_000, 0, MAX_DELAY_MS);
  const stop = options.signal ?? new AbortController().signal;
  const consumers = names.map((channel) => {
    const consumer = router.findConsumer({ channel });
    if (consumer !== undefined) return { channel, consumer };
    const known = router.names.length === 0 ? "none" : router.names.join(", ");
    throw new ChannelsError("InvalidConsumer", {
      consumer: `for channel "${channel}"`,
      problem: `the router has none of that name; it has: ${known}`,
    });
  });

  const abort = new AbortController();
  let graceTimer: NodeJS.Timeout | undefined;
  const startGrace = (): void => {
    graceTimer = setTimeout(() => abort.abort(), graceMs);
  };
  if (stop.aborted) startGrace();
  else stop.addEventListener("abort", startGrace, { once: true });
  try {
    await Promise.all(
      consumers.flatMap(({ channel, consumer }) =>
        Array.from({ length: concurrency }, async () => {
          const session = new ChannelSession(consumer, channel, { layer, logger, signal: abort.signal });
          await session.start();
          await runChannel(session, { channel, layer, logger, stop, onMessage: options.onMessage ?? noop });
          await session.end();
        }),
      ),
    );
  } finally {
    stop.removeEventListener("abort", startGrace);
    clearTimeout(graceTimer);
  }
}

interface ChannelWork {
  readonly channel: string;
  readonly layer: ChannelLayer;
  readonly logger: Logger;
  readonly stop: AbortSignal;
  readonly onMessage: NonNullable<WorkerOptions["onMessage"]>;
}

async function runChannel(
  session: ChannelSession,
  { channel, layer, logger, stop, onMessage }: ChannelWork,
): Promise<void> {
  let retryDelayMs = MIN_RETRY_DELAY_MS;
  while (!stop.aborted) {
    let task: Task;
    try {
      task = await receiveTask(layer, channel, stop);
      retryDelayMs = MIN_RETRY_DELAY_MS;
    } catch (error) {
      if (stop.aborted) return;
      // The layer's server is away, most likely: a loop without a pause would only burn the processor.
      logger.error({ err: error, channel, retryDelayMs }, "a worker could not receive; it tries again");
      await pause(retryDelayMs, stop);
      retryDelayMs = Math.min(retryDelayMs * 2, MAX_RETRY_DELAY_MS);
      continue;
    }
    let tell: () => Promise<void>;
    try {
      const known = await session.handle(task.message);
      onMessage(known ? "handled" : "unknown", channel);
      tell = known ? task.onHandled : task.onUnknown;
    } catch (error) {
      tell = () => task.onFailed(error);
      onMessage("failed", channel);
      logger.error({ err: error, channel, event: task.message.type }, "a message could not be handled");
    }
    try {
      await tell();
    } catch (error) {
      logger.error(
        { err: error, channel },
        "the layer could not be told of an outcome; it delivers that message again",
      );
    }
  }
}

async function receiveTask(layer: ChannelLayer, channel: string, signal: AbortSignal): Promise<Task> {
  if (isAcknowledgingLayer(layer)) {
    const pending = await layer.receiveAck(channel, { signal });
    const { message } = pending;
    return {
      message,
      onHandled: () => pending.ack(),
      onFailed: (error) =>
        error instanceof UnusableMessage && pending.deadLetter !== undefined
          ? pending.deadLetter(error)
          : pending.retry(error),
      onUnknown: () =>
        pending.deadLetter === undefined
          ? pending.ack()
          : pending.deadLetter(new UnusableMessage(`the consumer has no method for events of type "${message.type}"`)),
    };
  }
  const message = await layer.receive(channel, { signal });
  return { message, onHandled: resolveNothing, onFailed: resolveNothing, onUnknown: resolveNothing };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

async function resolveNothing(): Promise<void> {}
function noop(): void {}
