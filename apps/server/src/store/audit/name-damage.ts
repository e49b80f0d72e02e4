import type { AuditRow } from "../database/tables.ts";
import { hashRow } from "./hash-chain.ts";

/** How far an entry is looked for that was moved, and how many entries may have been removed or inserted in one place. */
const MAX_DISTANCE = 50;

/**
 * Says what was done to a chain where it breaks, as far as the rows show it.
 *
 * @param last The last row that fits.
 * @param rows The rows after it: the first one does not fit.
 */
export function nameDamage(last: Pick<AuditRow, "n" | "hash">, rows: readonly AuditRow[]): string {
  const [row, next] = rows;
  const n = last.n + 1;
  if (row === undefined) return "there is no entry";
  if (row.n > n) return describeRemoved(n, row.n - 1);
  // Before all others: what follows still continues the hash that this entry has or should have.
  if (next !== undefined && next.n === n + 1) {
    if (hashRow(row.hash, next) === next.hash) return "the content of the entry was changed, and its hash was not";
    if (hashRow(hashRow(last.hash, row), next) === next.hash) return "the hash of the entry was changed";
  }
  const movedFrom = findOriginalNumber(row, rows);
  if (movedFrom !== undefined) return `the entry was moved or copied: it was entry ${movedFrom}`;
  const inserted = countInserted(last, rows);
  if (inserted > 0) return `${inserted === 1 ? "an entry was" : `${inserted} entries were`} inserted here`;
  const removed = countRemoved(rows);
  if (removed > 0) {
    return `${removed === 1 ? "an entry was" : `${removed} entries were`} removed here, and the later ones renumbered`;
  }
  if (next === undefined) return "the last entry was changed, replaced or added";
  return "the entry was changed together with its hash, or it was replaced";
}

export function describeRemoved(from: number, to: number): string {
  return from === to ? `entry ${from} was removed` : `entries ${from} to ${to} were removed`;
}

/** Returns how many rows have to be left out until one continues the chain with the number that it had before. */
function countInserted(last: Pick<AuditRow, "n" | "hash">, rows: readonly AuditRow[]): number {
  return rows.slice(0, MAX_DISTANCE).findIndex((row) => hashRow(last.hash, { ...row, n: last.n + 1 }) === row.hash);
}

/** Returns the number with which the row continues one of the others. */
function findOriginalNumber(row: AuditRow, rows: readonly AuditRow[]): number | undefined {
  const others = rows.slice(1, MAX_DISTANCE);
  for (let n = row.n + 1; n <= row.n + MAX_DISTANCE; n += 1) {
    if (others.some((other) => hashRow(other.hash, { ...row, n }) === row.hash)) return n;
  }
  return undefined;
}

/** Returns by how much the numbers of the rows are too small. */
function countRemoved([row, next]: readonly AuditRow[]): number {
  if (row === undefined || next === undefined) return 0;
  for (let removed = 1; removed <= MAX_DISTANCE; removed += 1) {
    if (hashRow(row.hash, { ...next, n: next.n + removed }) === next.hash) return removed;
  }
  return 0;
}
