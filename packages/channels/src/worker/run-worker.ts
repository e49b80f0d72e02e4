import type { ChannelApplication } from "../consumer/application.ts";
import { consoleLogger, type Logger } from "../consumer/logger.ts";
import { ChannelsError } from "../errors.ts";
import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";
import { maxDelayMs } from "../layer/clock.ts";
import { wholeOption } from "../layer/layer-options.ts";
import { getLayer } from "../layer/layer-registry.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { acknowledges, UnusableMessage } from "./acknowledgement.ts";
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
  done(): Promise<void>;
  failed(error: unknown): Promise<void>;
  /** Nobody here knows what to do with it. */
  unknown(): Promise<void>;
}

const firstPauseMs = 100;
const longestPauseMs = 5_000;

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
  const concurrency = wholeOption("concurrency", options.concurrency ?? 1, 1, 10_000);
  const graceMs = wholeOption("graceMs", options.graceMs ?? 30_000, 0, maxDelayMs);
  const stop = options.signal ?? new AbortController().signal;
  const consumers = names.map((channel) => {
    const consumer = router.consumerOf({ channel });
    if (consumer !== undefined) return { channel, consumer };
    const known = router.names.length === 0 ? "none" : router.names.join(", ");
    throw new ChannelsError("InvalidConsumer", {
      consumer: `for channel "${channel}"`,
      problem: `the router has none of that name; it has: ${known}`,
    });
  });

  const given = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const startGrace = (): void => {
    grace = setTimeout(() => given.abort(), graceMs);
  };
  if (stop.aborted) startGrace();
  else stop.addEventListener("abort", startGrace, { once: true });
  try {
    await Promise.all(
      consumers.flatMap(({ channel, consumer }) =>
        Array.from({ length: concurrency }, async () => {
          const session = new ChannelSession(consumer, channel, { layer, logger, signal: given.signal });
          await session.start();
          await work(session, { channel, layer, logger, stop, onMessage: options.onMessage ?? ignore });
          await session.end();
        }),
      ),
    );
  } finally {
    stop.removeEventListener("abort", startGrace);
    clearTimeout(grace);
  }
}

interface Work {
  readonly channel: string;
  readonly layer: ChannelLayer;
  readonly logger: Logger;
  readonly stop: AbortSignal;
  readonly onMessage: NonNullable<WorkerOptions["onMessage"]>;
}

async function work(session: ChannelSession, { channel, layer, logger, stop, onMessage }: Work): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!stop.aborted) {
    let task: Task;
    try {
      task = await nextTask(layer, channel, stop);
      pauseMs = firstPauseMs;
    } catch (error) {
      if (stop.aborted) return;
      // The layer's server is away, most likely: a loop without a pause would only burn the processor.
      logger.error({ err: error, channel, pauseMs }, "a worker could not receive; it tries again");
      await pause(pauseMs, stop);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      continue;
    }
    let tell: () => Promise<void>;
    try {
      const known = await session.handle(task.message);
      onMessage(known ? "handled" : "unknown", channel);
      tell = known ? task.done : task.unknown;
    } catch (error) {
      tell = () => task.failed(error);
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

async function nextTask(layer: ChannelLayer, channel: string, signal: AbortSignal): Promise<Task> {
  if (acknowledges(layer)) {
    const pending = await layer.receiveAck(channel, { signal });
    const { message } = pending;
    return {
      message,
      done: () => pending.ack(),
      failed: (error) =>
        error instanceof UnusableMessage && pending.giveUp !== undefined ? pending.giveUp(error) : pending.retry(error),
      unknown: () =>
        pending.giveUp === undefined
          ? pending.ack()
          : pending.giveUp(new UnusableMessage(`the consumer has no method for events of type "${message.type}"`)),
    };
  }
  const message = await layer.receive(channel, { signal });
  return { message, done: nothing, failed: nothing, unknown: nothing };
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

async function nothing(): Promise<void> {}
function ignore(): void {}
