import { createHash } from "node:crypto";
import type { AuditRow } from "../database/tables.ts";

/** Where the number and hash of the last entry are stored beside the log. */
export const HEAD_KEY = "audit.head";

/** Hashes a row with the hash of the row before it. The order of the fields is part of the format. */
export function hashRow(previous: string, row: Omit<AuditRow, "hash">): string {
  const { n, at, action, outcome, actor, actor_name, target, address, request, details } = row;
  const fields = [previous, n, at, action, outcome, actor, actor_name, target, address, request, details];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}
