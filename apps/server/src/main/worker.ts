import { runWorker } from "@multichat/channels";
import { makeSchemas } from "@multichat/protocol/schemas";
import type { Config } from "../config/config.ts";
import { workApplication } from "../consumers/work/work-application.ts";
import { createLogger } from "../observability/logging.ts";
import { StartError } from "../process/start-error.ts";
import { stopOnSignal } from "../process/stop-signals.ts";
import { openWorkLayer } from "./layers.ts";
import { openOffline } from "./offline.ts";

export interface WorkerOptions {
  /** @default every channel that a worker can process */
  readonly channels?: readonly string[] | undefined;
  /** Messages of one channel processed at the same time. */
  readonly concurrency: number;
}

/**
 * Processes named channels until SIGTERM or SIGINT, then finishes the messages it has started. Servers on the same database
 * learn of its changes from the change feed.
 *
 * @throws StartError, StoreError with what the operator has to fix.
 */
export async function runWorkerUntilStopped(config: Config, { channels, concurrency }: WorkerOptions): Promise<void> {
  const logger = createLogger(config);
  const layer = await openWorkLayer(config, logger);
  try {
    const { context, close } = await openOffline(config);
    try {
      const router = workApplication({
        context,
        schemas: makeSchemas(config.limits),
        onPosted: ({ room, seq, kind }) => logger.info({ room, seq, kind }, "posted a notice"),
      });
      const names = channels ?? router.names;
      for (const name of names) {
        if (router.names.includes(name)) continue;
        throw new StartError(`--channels: expected one of ${router.names.join(", ")}; got ${JSON.stringify(name)}`);
      }
      const stop = new AbortController();
      const working = runWorker(router, names, { layer, concurrency, logger, signal: stop.signal });
      process.stdout.write(`Multichat worker processes ${names.join(", ")} with concurrency ${concurrency}\n`);
      const finish = async (): Promise<void> => {
        stop.abort();
        await working;
      };
      const onSignal = (signal: string) => process.stdout.write(`${signal}: finishing messages in progress …\n`);
      await Promise.race([working, stopOnSignal({ drain: finish, close: async () => {} }, onSignal)]);
    } finally {
      await close();
    }
  } finally {
    await layer.close();
  }
}
