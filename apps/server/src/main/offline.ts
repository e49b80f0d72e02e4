import { openAccounts } from "../accounts/open-accounts.ts";
import type { Config } from "../config/config.ts";
import type { Context } from "../context.ts";
import type { Broadcasts } from "../fan-out/broadcasts.ts";
import { createLogger } from "../observability/logging.ts";
import { StartError } from "../process/start-error.ts";
import { SearchTimes } from "../search/index.ts";
import { StoreError } from "../store/store-error.ts";
import { openCommandStore } from "./databases.ts";

export { planConnections } from "../http/connections/connection-budget.ts";
export { isWebClientBuilt, WEB_DIR } from "../http/web-client/web-client-folder.ts";
export {
  type DatabaseState,
  describeDatabase,
  inspectDatabase,
  type MigrationProgress,
  migrateDatabase,
} from "./databases.ts";
export { findMissingFiles } from "./missing-files.ts";

/** The chat without its interfaces, for the command line. Can be open while a server is running on the same files. */
export interface Offline {
  readonly context: Context;
  close(): Promise<void>;
}

/** Publishes nothing: a running server reads the changes from the change feed of the database. */
const NO_BROADCASTS: Broadcasts = {
  publishLogEvent: async () => {},
  publishLogEventOnce: async () => {},
  publishEntry: async () => {},
  publishExit: async () => {},
  publishOccupancy: async () => {},
  reportOccupancy: async () => {},
  publishTyping: async () => {},
  publishPresence: async () => {},
  publishRoomChange: async () => {},
  publishMemberChange: async () => {},
  publishRoomDeletion: async () => {},
  publishEviction: async () => {},
  publishAccountChange: async () => {},
  publishSessionEnd: async () => {},
  publishReadMarker: async () => {},
  publishPreference: async () => {},
  flush: async () => {},
  get local() {
    return NO_BROADCASTS;
  },
};

/** @throws StoreError with what the operator has to fix. */
export async function openOffline(config: Config): Promise<Offline> {
  const store = await openCommandStore(config);
  try {
    // Commands report their results themselves, so only errors are logged.
    const logger = createLogger({ logLevel: "error", logFormat: config.logFormat }, process.stderr);
    const accounts = await openAccounts({ store: store.people, config, logger });
    const { limits } = config;
    return {
      context: {
        store,
        accounts,
        broadcasts: NO_BROADCASTS,
        limits,
        searchTimes: new SearchTimes(limits.commandsPerSecond),
      },
      close: async () => {
        await accounts.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Returns whether the error's message is written for the operator and is shown without a stack. */
export function isUserFacing(error: unknown): error is StoreError | StartError {
  return error instanceof StoreError || error instanceof StartError;
}
