import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Acknowledged } from "./run-task.ts";

/** What is wrong with the database that a process left. */
export interface Damage {
  /** Acknowledged messages that it does not have, or with another seq. */
  readonly lost: number;
  /** The findings of SQLite's own check, and gaps of a room's log. */
  readonly findings: readonly string[];
}

/** A killed group's first process may have ended before the one that has the database. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Checks a database after the end of its process. It is opened for reading alone, so that the write-ahead log stays for the
 * next process to recover.
 */
export function checkDatabase(file: string, acknowledged: readonly Acknowledged[]): Damage {
  // A process may have ended before it had created the file.
  if (!existsSync(file)) return { lost: acknowledged.length, findings: [] };
  const raw = new DatabaseSync(file, { readOnly: true, timeout: LOCK_TIMEOUT_MS });
  try {
    const findings = raw
      .prepare("pragma quick_check(5)")
      .all()
      .map((row) => String(row.quick_check))
      .filter((finding) => finding !== "ok");
    if (!hasTable(raw, "message")) return { lost: acknowledged.length, findings };
    const gaps = raw
      .prepare("select room from event group by room having count(*) <> max(seq) or min(seq) <> 1")
      .all()
      .map(({ room }) => `gap in the log of room ${room}`);
    const rows = raw.prepare("select client_id as clientId, seq from message").all();
    const seqs = new Map(rows.map(({ clientId, seq }) => [clientId, seq]));
    const lost = acknowledged.filter(({ clientId, seq }) => seqs.get(clientId) !== seq).length;
    return { lost, findings: [...findings, ...gaps] };
  } finally {
    raw.close();
  }
}

function hasTable(raw: DatabaseSync, name: string): boolean {
  return raw.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !== undefined;
}
