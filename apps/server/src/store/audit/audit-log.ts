import type { AuditAction, AuditEntry, AuditFilter } from "@multichat/protocol";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { getMeta, setMeta } from "../database/meta.ts";
import type { AuditRow } from "../database/tables.ts";
import { HEAD_KEY, hashRow } from "./hash-chain.ts";

export type { AuditEntry } from "@multichat/protocol";

export type NewAuditEntry = Omit<AuditEntry, "n" | "at" | "hash">;

/** Who makes a change and from where; what the entry says of it. */
export interface AuditSource extends Pick<NewAuditEntry, "actor" | "address" | "request"> {
  /** What the change is recorded as. @default the action of the operation */
  readonly action?: AuditAction;
  /** Recorded beside what the operation knows. Never a secret. */
  readonly details?: NewAuditEntry["details"];
}

/** Makes changes by itself: it ends sessions, and creates the administrator of its configuration. */
const SERVER: AuditSource = { actor: null, address: null, request: null };

export interface AuditQuery extends AuditFilter {
  /** Entries with a smaller number, newest first. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Adds an entry in the transaction of the call. Transactions that write run one after another, also of several processes. */
export async function appendAudit(
  context: ReadContext & Pick<WriteContext, "origin" | "now">,
  given: NewAuditEntry,
): Promise<AuditEntry> {
  const { db, now } = context;
  const entry = toStorable(given);
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
  const appended = { ...entry, n: row.n, at: now, hash };
  await recordChange(context, { kind: "audit", entry: appended });
  return appended;
}

/** Postgres has no text with a NUL; the hash is of what can be stored. The details are JSON, which escapes it. */
function toStorable(entry: NewAuditEntry): NewAuditEntry {
  const { actor, target, address, request } = entry;
  return {
    ...entry,
    actor: actor && { ...actor, username: withoutNul(actor.username) },
    target: withoutNul(target),
    address: withoutNul(address),
    request: withoutNul(request),
  };
}

function withoutNul<Text extends string | null>(text: Text): Text {
  // A text stays one.
  return (text?.replaceAll("\0", "\uFFFD") ?? null) as Text;
}

/** Adds the entry of a change in the transaction of the change, so that neither is ever there without the other. */
export async function auditChange(
  context: WriteContext,
  change: Pick<NewAuditEntry, "target" | "details"> & {
    readonly action: AuditAction;
    readonly by?: AuditSource | undefined;
  },
): Promise<void> {
  const { action = change.action, details, actor, address, request } = change.by ?? SERVER;
  await appendAudit(context, {
    action,
    outcome: "success",
    actor,
    target: change.target,
    address,
    request,
    details: { ...details, ...change.details },
  });
}

export async function readAudit({ db }: ReadContext, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const { before, actor, action, outcome, target, since, until, limit } = query;
  let rows = db.selectFrom("audit").selectAll().orderBy("n", "desc").limit(limit);
  if (before !== undefined) rows = rows.where("n", "<", before);
  if (actor !== undefined) rows = rows.where((e) => e.or([e("actor", "=", actor), e("actor_name", "=", actor)]));
  if (action !== undefined) rows = rows.where("action", "=", action);
  if (outcome !== undefined) rows = rows.where("outcome", "=", outcome);
  if (target !== undefined) rows = rows.where("target", "=", target);
  if (since !== undefined) rows = rows.where("at", ">=", since);
  if (until !== undefined) rows = rows.where("at", "<", until);
  return (await rows.execute()).map(toEntry);
}

/** The last entry that is known to be in a server's log. */
const LOGGED_KEY = "audit.logged";
const OPERATOR_ID = "operator";
const MAX_OPERATOR_ENTRIES = 100;

/**
 * Returns the entries of the operator's command line that were added since the last call, the newest of them in their order, and
 * how many were left out. A running server learns of the others from the change feed.
 */
export async function takeOperatorEntries({
  db,
}: WriteContext): Promise<{ readonly entries: readonly AuditEntry[]; readonly omitted: number }> {
  const logged = Number((await getMeta(db, LOGGED_KEY)) ?? 0);
  const { last } = await db
    .selectFrom("audit")
    .select((e) => e.fn.max("n").as("last"))
    .executeTakeFirstOrThrow();
  if (last === null || last === logged) return { entries: [], omitted: 0 };
  await setMeta(db, LOGGED_KEY, String(last));
  const added = db.selectFrom("audit").where("n", ">", logged).where("actor", "=", OPERATOR_ID);
  const rows = await added.selectAll().orderBy("n", "desc").limit(MAX_OPERATOR_ENTRIES).execute();
  const { count } = await added.select((e) => e.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  return { entries: rows.reverse().map(toEntry), omitted: count - rows.length };
}

function toEntry(row: AuditRow): AuditEntry {
  const { n, at, action, outcome, actor, actor_name, target, address, request, details, hash } = row;
  return {
    n,
    at,
    // Written by `appendAudit` alone, from the same types.
    action: action as AuditAction,
    outcome: outcome as AuditEntry["outcome"],
    actor: actor === null ? null : { id: actor, username: actor_name ?? actor },
    target,
    address,
    request,
    details: parseDetails(details),
    hash,
  };
}

/** Someone may have changed the row; it is read all the same, and `verifyAudit` finds it. */
function parseDetails(json: string): AuditEntry["details"] {
  try {
    const details: unknown = JSON.parse(json);
    // Written by `appendAudit` alone, from the same type.
    if (typeof details === "object" && details !== null) return details as AuditEntry["details"];
  } catch {
    // Reported below.
  }
  return { unreadable: true };
}
