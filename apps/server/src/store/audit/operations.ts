import { read, write } from "../database/operation.ts";
import { appendAudit, readAudit, verifyAudit } from "./audit-log.ts";

export const auditOperations = {
  append: write(appendAudit),
  /** Returns the entries that match, newest first. */
  read: read(readAudit),
  verify: read(verifyAudit),
};
