import { trimChanges } from "../change-feed/trim-changes.ts";
import { renewEpoch } from "../database/meta.ts";
import { read, write } from "../database/operation.ts";
import { countUnindexed, indexQueued } from "../search/index-queue.ts";
import { checkRead, checkWrite } from "./health.ts";

/** For the store itself. */
export const maintenanceOperations = {
  checkRead: read(checkRead),
  checkWrite: write(checkWrite),
  renewEpoch: write(renewEpoch),
  trimChanges: write(trimChanges),
  /** For an upgrade without a server. */
  countUnindexed: write(countUnindexed),
  indexSome: write(indexQueued),
};
