import type { Config } from "../config/config.ts";
import type { Context } from "../context.ts";
import { collectFiles, Files, sweepStorage } from "../files/index.ts";
import type { Logger } from "../observability/logging.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import { StartError } from "../process/start-error.ts";
import { FolderStorage } from "../storage/folder-storage.ts";

const COLLECT_INTERVAL_MS = 600_000;
const SWEEP_INTERVAL_MS = 24 * 3_600_000;

interface FilesParts {
  readonly context: Pick<Context, "store">;
  readonly logger: Logger;
  /** Takes the step that ends the collection. */
  readonly cleanup: CleanupStack;
}

/**
 * Opens the storage of files, and removes what nobody can reach any more from time to time.
 *
 * @throws StartError where the folder cannot be created or written to.
 */
export async function openFiles(
  config: Pick<Config, "filesDir" | "fileQuotas">,
  { context, logger, cleanup }: FilesParts,
): Promise<Files> {
  const { filesDir, fileQuotas } = config;
  const storage = await openStorage(filesDir);
  const files = new Files({
    storage,
    maxUserBytes: fileQuotas.perUser,
    maxTotalBytes: fileQuotas.total,
    onError: (err, task) => logger.error({ err }, `failed to ${task}`),
  });
  let running: Promise<void> = Promise.resolve();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const run = async (): Promise<void> => {
    try {
      await collectFiles(context, files);
      if (Date.now() - sweptAt < SWEEP_INTERVAL_MS) return;
      sweptAt = Date.now();
      await sweepStorage(context, files);
    } catch (err) {
      logger.error({ err }, "failed to remove files that are not used any more");
    }
  };
  const timer = setInterval(() => {
    running = running.then(run);
  }, COLLECT_INTERVAL_MS).unref();
  cleanup.defer(async () => {
    clearInterval(timer);
    await running;
  });
  return files;
}

async function openStorage(folder: string): Promise<FolderStorage> {
  try {
    const storage = await FolderStorage.open(folder);
    await storage.check();
    return storage;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`FILES_DIR: expected a folder that can be written to at ${folder}; ${reason}`);
  }
}
