import { read } from "../database/operation.ts";
import { findSeqByKey } from "./idempotency-keys.ts";
import { readEventsSince, readMissedEvents } from "./read-events.ts";

export const eventLogOperations = {
  /**
   * Returns the events of a room's log after `since`, at most `limit`; undefined where more than `limit` are missing, their
   * messages are longer than `maxBodyBytes` together, or `since` is ahead of the log. Messages in them are as they are now.
   */
  readSince: read(readEventsSince),
  /** Returns what `readSince` does for several rooms, in their order, each as JSON. */
  readMissed: read(readMissedEvents),
  /** Returns the seq that a change with this key was acknowledged with; undefined: there was none within the last hour. */
  findSeqByKey: read(findSeqByKey),
};
