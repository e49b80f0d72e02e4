import type { ChannelApplication } from "../consumer/application.ts";
import { consoleLogger, type Logger } from "../consumer/logger.ts";
import { ChannelsError, isChannelsError } from "../errors.ts";
import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";
import { MAX_DELAY_MS } from "../layer/clock.ts";
import { getLayer } from "../layer/layer-registry.ts";
import { requireInteger } from "../layer/require-integer.ts";
import { checkOptions } from "../options.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { isAcknowledgingLayer, UnusableMessage } from "./acknowledgement.ts";
import { ChannelRunner } from "./channel-runner.ts";

/** The options of a worker. */
export interface WorkerOptions {
  /**
   * The layer to receive from.
   * @default getLayer("default")
   */
  readonly layer?: ChannelLayer;
  /**
   * Number of messages of one channel to handle concurrently, each by its own consumer.
   * @default 1
   */
  readonly concurrency?: number;
  /** Stops the worker: it receives no more messages and finishes the current ones. */
  readonly signal?: AbortSignal;
  /**
   * The time that current messages may take after the stop, in milliseconds, before the consumers' `signal` fires.
   * @default 30_000
   */
  readonly graceMs?: number;
  /**
   * The logger of the worker and its consumers.
   * @default warnings and errors to the console
   */
  readonly logger?: Logger;
  /** Called with the outcome of every message, for metrics. What it throws is logged, and has no effect. */
  readonly onMessage?: (outcome: Outcome, channel: string) => void;
}

type Outcome = "handled" | "failed" | "unknown";

/** A received message, and how to report its outcome to the layer. */
interface Task {
  readonly message: LayerMessage;
  reportHandled(): Promise<void>;
  reportFailed(error: unknown): Promise<void>;
  /** Reports that the consumer has no handler for the message. */
  reportUnknown(): Promise<void>;
}

const MIN_RETRY_DELAY_MS = 100;
const MAX_RETRY_DELAY_MS = 5_000;

/**
 * Runs the consumers of named channels until the signal fires; resolves when all messages are finished. A message is
 * handled at most once; on a layer with acknowledgement, it is handled again until a handler succeeds.
 * @throws InvalidConsumer when a name has no consumer; InvalidOption. LayerClosed when the layer was closed before the signal
 * fired, and what a consumer could not start with: then the other consumers stop as by the signal.
 */
export async function runWorker(
  application: ChannelApplication | Application,
  names: readonly string[],
  options: WorkerOptions = {},
): Promise<void> {
  checkOptions<WorkerOptions>(options, {
    layer: true,
    concurrency: true,
    signal: true,
    graceMs: true,
    logger: true,
    onMessage: true,
  });
  const router = "channel" in application ? application.channel : application;
  const layer = options.layer ?? getLayer();
  const logger = options.logger ?? consoleLogger;
  const concurrency = requireInteger("concurrency", options.concurrency ?? 1, 1, 10_000);
  const graceMs = requireInteger("graceMs", options.graceMs ?? 30_000, 0, MAX_DELAY_MS);
  const failed = new AbortController();
  const stopSignal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const consumers = names.map((channel) => {
    const consumer = router.findConsumer({ channel });
    if (consumer !== undefined) return { channel, consumer };
    const available = router.names.length === 0 ? "none" : router.names.join(", ");
    throw new ChannelsError("InvalidConsumer", {
      consumer: `for channel "${channel}"`,
      problem: `the router has no consumer for this channel; it has: ${available}`,
    });
  });

  const abort = new AbortController();
  let graceTimer: NodeJS.Timeout | undefined;
  const startGrace = (): void => {
    graceTimer = setTimeout(() => abort.abort(), graceMs);
  };
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    failed.abort();
  };
  if (stopSignal.aborted) startGrace();
  else stopSignal.addEventListener("abort", startGrace, { once: true });
  try {
    await Promise.all(
      consumers.flatMap(({ channel, consumer }) =>
        Array.from({ length: concurrency }, async () => {
          try {
            const runner = new ChannelRunner(consumer, channel, { layer, logger, signal: abort.signal });
            try {
              await runner.start();
              await runChannel(runner, { channel, layer, logger, stopSignal, onMessage: options.onMessage ?? noop });
            } catch (error) {
              fail(error);
            }
            await runner.end();
          } catch (error) {
            fail(error);
          }
        }),
      ),
    );
  } finally {
    stopSignal.removeEventListener("abort", startGrace);
    clearTimeout(graceTimer);
  }
  if (failure !== undefined) throw failure.error;
}

interface ChannelWork {
  readonly channel: string;
  readonly layer: ChannelLayer;
  readonly logger: Logger;
  readonly stopSignal: AbortSignal;
  readonly onMessage: NonNullable<WorkerOptions["onMessage"]>;
}

async function runChannel(
  runner: ChannelRunner,
  { channel, layer, logger, stopSignal, onMessage }: ChannelWork,
): Promise<void> {
  let retryDelayMs = MIN_RETRY_DELAY_MS;
  while (!stopSignal.aborted) {
    let task: Task;
    try {
      task = await receiveTask(layer, channel, stopSignal);
      retryDelayMs = MIN_RETRY_DELAY_MS;
    } catch (error) {
      if (stopSignal.aborted) return;
      if (isChannelsError(error, "LayerClosed")) throw error;
      // The layer's server is probably unreachable: retrying without a delay would waste CPU.
      logger.error({ err: error, channel, retryDelayMs }, "failed to receive a message, retrying");
      await sleep(retryDelayMs, stopSignal);
      retryDelayMs = Math.min(retryDelayMs * 2, MAX_RETRY_DELAY_MS);
      continue;
    }
    let reportOutcome: () => Promise<void>;
    let outcome: Outcome;
    try {
      const isHandled = await runner.handle(task.message);
      outcome = isHandled ? "handled" : "unknown";
      reportOutcome = isHandled ? task.reportHandled : task.reportUnknown;
    } catch (error) {
      reportOutcome = () => task.reportFailed(error);
      outcome = "failed";
      logger.error({ err: error, channel, event: task.message.type }, "failed to handle a message");
    }
    try {
      onMessage(outcome, channel);
    } catch (error) {
      logger.error({ err: error, channel, option: "onMessage" }, "failed to count the outcome of a message");
    }
    try {
      await reportOutcome();
    } catch (error) {
      logger.error(
        { err: error, channel },
        "failed to report an outcome to the layer, the message will be delivered again",
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
      reportHandled: () => pending.ack(),
      reportFailed: (error) =>
        error instanceof UnusableMessage && pending.deadLetter !== undefined
          ? pending.deadLetter(error)
          : pending.retry(error),
      reportUnknown: () =>
        pending.deadLetter === undefined
          ? pending.ack()
          : pending.deadLetter(new UnusableMessage(`the consumer has no method for events of type "${message.type}"`)),
    };
  }
  const message = await layer.receive(channel, { signal });
  return { message, reportHandled: doNothing, reportFailed: doNothing, reportUnknown: doNothing };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
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

async function doNothing(): Promise<void> {}
function noop(): void {}
