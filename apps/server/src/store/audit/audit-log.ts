import { createHash } from "node:crypto";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { getMeta, setMeta } from "../database/meta.ts";
import type { AuditRow } from "../database/tables.ts";

export interface NewAuditEntry {
  /** What was done, such as `person.change`. */
  readonly action: string;
  readonly outcome: "success" | "failure" | "refused";
  /** The id and name of the account that did it; null without one. */
  readonly actor: { readonly id: string; readonly username: string } | null;
  /** What it was done to: an id or a name. */
  readonly target: string | null;
  readonly address: string | null;
  /** The id of the request, which the log of the server contains too. */
  readonly request: string | null;
  /** Never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditEntry extends NewAuditEntry {
  readonly n: number;
  readonly at: number;
  readonly hash: string;
}

export interface AuditQuery {
  /** Entries with a smaller number, newest first. */
  readonly before?: number | undefined;
  /** An id or a username as it was recorded. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit: number;
}

const HEAD_KEY = "audit.head";

/** Hashes a row with the hash of the row before it. The order of the fields is part of the format. */
function hashRow(previous: string, row: Omit<AuditRow, "hash">): string {
  const { n, at, action, outcome, actor, actor_name, target, address, request, details } = row;
  const fields = [previous, n, at, action, outcome, actor, actor_name, target, address, request, details];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

/** Adds an entry in the transaction of the call. Transactions that write run one after another, also of several processes. */
export async function appendAudit(context: WriteContext, entry: NewAuditEntry): Promise<AuditEntry> {
  const { db, now } = context;
  const last = await db.selectFrom("audit").select(["n", "hash"]).orderBy("n", "desc").limit(1).executeTakeFirst();
  const row = {
    n: (last?.n ?? 0) + 1,
    at: now,
    action: entry.action,
    outcome: entry.outcome,
    actor: entry.actor?.id ?? null,
    actor_name: entry.actor?.username ?? null,
    target: entry.target,
    address: entry.address,
    request: entry.request,
    details: JSON.stringify(entry.details),
  };
  const hash = hashRow(last?.hash ?? "", row);
  await db
    .insertInto("audit")
    .values({ ...row, hash })
    .execute();
  await setMeta(db, HEAD_KEY, `${row.n}:${hash}`);
  return { ...entry, n: row.n, at: now, hash };
}

export async function readAudit({ db }: ReadContext, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const { before, actor, action, since, until, limit } = query;
  let rows = db.selectFrom("audit").selectAll().orderBy("n", "desc").limit(limit);
  if (before !== undefined) rows = rows.where("n", "<", before);
  if (actor !== undefined) rows = rows.where((e) => e.or([e("actor", "=", actor), e("actor_name", "=", actor)]));
  if (action !== undefined) rows = rows.where("action", "=", action);
  if (since !== undefined) rows = rows.where("at", ">=", since);
  if (until !== undefined) rows = rows.where("at", "<", until);
  return (await rows.execute()).map(toEntry);
}

export interface AuditVerification {
  readonly entries: number;
  /** `<number>:<hash>` of the last entry, to be noted elsewhere; null for an empty log. */
  readonly head: string | null;
  /** The first entry that does not fit; undefined for a log that is whole. */
  readonly damage?: { readonly n: number; readonly reason: string };
}

const PAGE_ROWS = 1_000;

/**
 * Checks the chain from the first entry to the last. An entry that was changed, removed, added or moved breaks it. Removed
 * last entries are found by the head that is stored beside the log, and by `expectedHead`, which was noted elsewhere: someone
 * who can write to the database can remove the last entries and replace the stored head, or rebuild the whole chain.
 *
 * @param expectedHead `<number>:<hash>` as an earlier verification or the server's log gave it.
 */
export async function verifyAudit(
  { db }: ReadContext,
  { expectedHead }: { expectedHead?: string | undefined },
): Promise<AuditVerification> {
  let previous = "";
  let n = 0;
  const expected = parseHead(expectedHead);
  const found = (reason: string, at: number): AuditVerification => ({
    entries: n,
    head: null,
    damage: { n: at, reason },
  });
  for (;;) {
    const rows = await db.selectFrom("audit").selectAll().where("n", ">", n).orderBy("n").limit(PAGE_ROWS).execute();
    for (const { hash, ...row } of rows) {
      if (row.n !== n + 1) return found(`expected entry ${n + 1}, found entry ${row.n}: entries were removed`, n + 1);
      if (hashRow(previous, row) !== hash) return found("the entry was changed, moved or inserted", row.n);
      if (expected?.n === row.n && expected.hash !== hash)
        return found("the entry differs from the expected head", row.n);
      previous = hash;
      n = row.n;
    }
    if (rows.length < PAGE_ROWS) break;
  }
  const head = n === 0 ? null : `${n}:${previous}`;
  const stored = (await getMeta(db, HEAD_KEY)) ?? null;
  if (stored !== head)
    return found(`the last entries were removed: expected the head ${stored ?? "of an empty log"}`, n + 1);
  if (expected !== undefined && expected.n > n)
    return found("the last entries were removed: expected the given head", n + 1);
  return { entries: n, head };
}

function parseHead(head: string | undefined): { n: number; hash: string } | undefined {
  if (head === undefined) return undefined;
  const [n = "", hash = ""] = head.split(":");
  return { n: Number(n), hash };
}

function toEntry(row: AuditRow): AuditEntry {
  const { n, at, action, outcome, actor, actor_name, target, address, request, details, hash } = row;
  return {
    n,
    at,
    action,
    // Written by `appendAudit` alone, from the same types.
    outcome: outcome as AuditEntry["outcome"],
    actor: actor === null ? null : { id: actor, username: actor_name ?? actor },
    target,
    address,
    request,
    details: JSON.parse(details) as AuditEntry["details"],
    hash,
  };
}
