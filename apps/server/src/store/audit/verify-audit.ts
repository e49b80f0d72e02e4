import type { ReadContext } from "../database/context.ts";
import { getMeta } from "../database/meta.ts";
import type { AuditRow } from "../database/tables.ts";
import { HEAD_KEY, hashRow } from "./hash-chain.ts";
import { describeRemoved, nameDamage } from "./name-damage.ts";

export interface AuditVerification {
  /** How many entries are whole. */
  readonly entries: number;
  /** `<number>:<hash>` of the last entry, to be noted elsewhere; null for an empty or damaged log. */
  readonly head: string | null;
  /** The first entry that does not fit; undefined for a log that is whole. */
  readonly damage?: { readonly n: number; readonly reason: string };
}

/** Read at a time, so that the memory does not grow with the log. */
const PAGE_ROWS = 1_000;

/**
 * Checks the chain from the first entry to the last. An entry that was changed, removed, added or moved breaks it. Removed
 * last entries are found by the head that is stored beside the log, and by `expectedHead`, which was noted elsewhere: someone
 * who can write to the database can remove the last entries and replace the stored head, or rebuild the whole chain.
 *
 * @param expectedHead `<number>:<hash>` as an earlier verification or the server's log gave it.
 */
export async function verifyAudit(
  context: ReadContext,
  { expectedHead }: { expectedHead?: string | undefined },
): Promise<AuditVerification> {
  const expected = parseHead(expectedHead);
  let last: Pick<AuditRow, "n" | "hash"> = { n: 0, hash: "" };
  const damagedAt = (n: number, reason: string): AuditVerification => ({
    entries: last.n,
    head: null,
    damage: { n, reason },
  });
  for (;;) {
    const rows = await readRowsAfter(context, last.n);
    for (const [index, row] of rows.entries()) {
      const n = last.n + 1;
      if (row.n !== n || hashRow(last.hash, row) !== row.hash) {
        // What follows says what was done; the next page has it where the damage is at the end of this one.
        const following = [...rows.slice(index), ...(await readRowsAfter(context, rows.at(-1)?.n ?? row.n))];
        return damagedAt(n, nameDamage(last, following));
      }
      if (expected?.n === n && expected.hash !== row.hash) {
        return damagedAt(n, "the entry differs from the expected head: the log was rebuilt from here or from before");
      }
      last = row;
    }
    if (rows.length < PAGE_ROWS) break;
  }
  const head = last.n === 0 ? null : `${last.n}:${last.hash}`;
  const stored = (await getMeta(context.db, HEAD_KEY)) ?? null;
  if (stored !== head) return damagedAt(last.n + 1, describeStoredHead(last.n, parseHead(stored ?? undefined)));
  if (expected !== undefined && expected.n > last.n) {
    return damagedAt(last.n + 1, `${describeRemoved(last.n + 1, expected.n)}: expected the given head`);
  }
  return { entries: last.n, head };
}

function readRowsAfter({ db }: ReadContext, n: number): Promise<AuditRow[]> {
  return db.selectFrom("audit").selectAll().where("n", ">", n).orderBy("n").limit(PAGE_ROWS).execute();
}

function describeStoredHead(n: number, stored: { readonly n: number } | undefined): string {
  if (stored === undefined) return "the stored head was removed, or entries were added without it";
  if (stored.n > n) return `${describeRemoved(n + 1, stored.n)} from the end of the log`;
  if (stored.n < n) return `the stored head is that of entry ${stored.n}: the entries after it were added without it`;
  return "the stored head was changed, or the last entry was replaced";
}

function parseHead(head: string | undefined): { readonly n: number; readonly hash: string } | undefined {
  if (head === undefined) return undefined;
  const [n = "", hash = ""] = head.split(":");
  return { n: Number(n), hash };
}
