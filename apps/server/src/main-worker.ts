import { runWorker } from "@multichat/channels";
import { makeSchemas } from "@multichat/protocol/schemas";
import type { Config } from "./config/config.ts";
import { workApplication } from "./consumers/work/work-application.ts";
import { openWorkLayer } from "./main-layers.ts";
import { openOffline } from "./main-offline.ts";
import { createLogger } from "./observability/logging.ts";
import { StartError } from "./process/start-error.ts";
import { stopOnSignal } from "./process/stop-signals.ts";

export interface WorkerOptions {
  /** @default every channel that there is work on */
  readonly channels?: readonly string[] | undefined;
  /** Messages of one channel at work at once. */
  readonly concurrency: number;
}

/**
 * Works on named channels until SIGTERM or SIGINT, then finishes what it has begun. What it changes, the servers on the
 * same database hear of from there.
 *
 * @throws StartError, StoreError: what somebody has to put right first.
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
        onPosted: ({ room, seq, kind }) => logger.info({ room, seq, kind }, "a notice is in its room"),
      });
      const names = channels ?? router.names;
      for (const name of names) {
        if (router.names.includes(name)) continue;
        throw new StartError(`there is no work on ${JSON.stringify(name)}; there is on: ${router.names.join(", ")}`);
      }
      const stop = new AbortController();
      const working = runWorker(router, names, { layer, concurrency, logger, signal: stop.signal });
      process.stdout.write(`Works on ${names.join(", ")}, at most ${concurrency} at a time\n`);
      const finish = async (): Promise<void> => {
        stop.abort();
        await working;
      };
      const told = (signal: string) => process.stdout.write(`${signal}: finishing what is at work …\n`);
      await Promise.race([working, stopOnSignal({ drain: finish, close: async () => {} }, told)]);
    } finally {
      await close();
    }
  } finally {
    await layer.close();
  }
}
