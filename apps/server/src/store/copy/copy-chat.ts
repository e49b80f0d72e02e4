import { type Kysely, sql } from "kysely";
import { uuidv7 } from "uuidv7";
import { appendAudit, type NewAuditEntry } from "../audit/audit-log.ts";
import type { ReadContext } from "../database/dialect.ts";
import { getMeta, setMeta } from "../database/meta.ts";
import type { Tables } from "../database/tables.ts";
import { StoreError } from "../store-error.ts";
import { COPIED_TABLES, type CopiedTable, LEFT_OUT_META } from "./copied-tables.ts";
import { countRows, type Row, readLast, readPages } from "./read-rows.ts";
import { compareReceipts, makeReceipt, type Receipt } from "./receipt.ts";

/** A database that is read as it was at one moment, and that no server has. */
export interface CopySource {
  readonly db: Kysely<Tables>;
  close(): Promise<void>;
}

/** A database that is written, and that no server has. */
export interface CopyTarget extends Pick<ReadContext, "db" | "dialect" | "prepare" | "send"> {
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Lets new messages go on after the copied ones. Called in the last transaction. */
  continueNumbers(): Promise<void>;
  close(): Promise<void>;
}

export interface CopyOptions {
  /** The entry of the copy in the audit log of the target, made of the rows that were copied. */
  readonly toEntry: (copied: { readonly rows: number }) => NewAuditEntry;
}

export interface CopyProgress {
  /** Called after each transaction with the rows that are copied and that there are. */
  readonly onCopied?: (table: string, copied: number, total: number) => void;
  /** Called before each part of the comparison, once for each of the two databases. */
  readonly onComparing?: (part: string) => void;
}

export interface CopyResult {
  readonly source: Receipt;
  readonly target: Receipt;
  /** What differs; empty: the copy is complete. */
  readonly differences: readonly string[];
  /** Whether an earlier copy that was interrupted has been continued. */
  readonly isResumed: boolean;
}

/** Rows that one statement inserts: databases bound its parameters. */
const ROWS_PER_INSERT = 200;
/** The key of `meta` that says which copy is under way; a database with it is not opened. */
const COPY_KEY = "copy";

/**
 * Copies a chat into an empty database, reads both again and compares them. Each transaction copies some rows in the order of their
 * key, so a copy that was interrupted goes on after the last row that is there. Until both are found equal, the target is marked
 * as unfinished, and no server or command opens it.
 *
 * @throws StoreError `cannot-open`: the target is not empty, or holds the beginning of another copy.
 */
export async function copyChat(
  source: CopySource,
  target: CopyTarget,
  { toEntry, onCopied = () => {}, onComparing = () => {} }: CopyOptions & CopyProgress,
): Promise<CopyResult> {
  const isResumed = await inTransaction(target, async () => begin(target.db, await describeState(source.db)));
  for (const table of COPIED_TABLES) await copyTable(source, target, { ...table, onCopied });
  const ofSource = await makeReceipt(source.db, onComparing);
  const ofTarget = await makeReceipt(target.db, onComparing);
  const differences = compareReceipts(ofSource, ofTarget);
  if (differences.length === 0) {
    const rows = Object.values(ofSource.tables).reduce((sum, table) => sum + table.rows, 0);
    await inTransaction(target, () => finish(source, target, toEntry({ rows })));
  }
  return { source: ofSource, target: ofTarget, differences, isResumed };
}

/** @throws StoreError `cannot-open`: a copy into the database was begun and not finished. */
export async function assertNoUnfinishedCopy(db: Kysely<Tables>): Promise<void> {
  if ((await getMeta(db, COPY_KEY)) === undefined) return;
  throw new StoreError(
    "cannot-open",
    "expected a whole chat in the database, but multichat migrate-database has not finished copying into it: run the same command again, or empty the database",
  );
}

/** Marks the target. Returns whether it holds the beginning of the same copy. */
async function begin(db: Kysely<Tables>, state: string): Promise<boolean> {
  const begun = await getMeta(db, COPY_KEY);
  if (begun === state) return true;
  if (begun !== undefined) {
    throw new StoreError(
      "cannot-open",
      "expected the source as it was when the copy was begun, but it is another one or has changed since: empty the target, then start again",
    );
  }
  for (const { name } of COPIED_TABLES) {
    if ((await countRows(db, name)) > 0) throw notEmpty(name);
  }
  await setMeta(db, COPY_KEY, state);
  return false;
}

function notEmpty(table: string): StoreError {
  return new StoreError(
    "cannot-open",
    `expected an empty database to copy into, but its table "${table}" has rows: create another one`,
  );
}

/** Returns what is another text after any change of a room, an account or a message. */
async function describeState(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<Row>`
    select (select max(id) from change) as change, (select max(n) from audit) as audit,
      (select max(n) from message) as message, (select sum(last_seq) from room) as seqs`.execute(db);
  return JSON.stringify({ epoch: await getMeta(db, "epoch"), ...rows[0] });
}

async function copyTable(
  source: CopySource,
  target: CopyTarget,
  { name, key, onCopied }: CopiedTable & { readonly onCopied: NonNullable<CopyProgress["onCopied"]> },
): Promise<void> {
  const total = await countRows(source.db, name);
  let copied = await countRows(target.db, name);
  const after = await readLast(target.db, { table: name, key });
  for await (const rows of readPages(source.db, { table: name, key, after })) {
    await inTransaction(target, async () => {
      for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
        await insert(target.db, name, rows.slice(from, from + ROWS_PER_INSERT));
      }
    });
    copied += rows.length;
    onCopied(name, copied, total);
  }
}

async function insert(db: Kysely<Tables>, table: keyof Tables, rows: readonly Row[]): Promise<void> {
  // The rows of this table of the other database, which has the same columns.
  await db
    .insertInto(table)
    .values(rows as never)
    .execute();
  if (table !== "message") return;
  await db
    .insertInto("search_queue")
    .values(rows.map(({ n }) => ({ n: Number(n) })))
    .execute();
}

async function finish(source: CopySource, target: CopyTarget, entry: NewAuditEntry): Promise<void> {
  for (const { key, value } of await source.db.selectFrom("meta").selectAll().execute()) {
    if (!LEFT_OUT_META.has(key)) await setMeta(target.db, key, value);
  }
  await target.continueNumbers();
  // After the head of the audit log, which the source's data about itself holds.
  await appendAudit({ ...target, origin: uuidv7(), now: Date.now() }, entry);
  await target.db.deleteFrom("meta").where("key", "=", COPY_KEY).execute();
}

async function inTransaction<Result>(target: CopyTarget, work: () => Promise<Result>): Promise<Result> {
  await target.begin();
  try {
    const result = await work();
    await target.commit();
    return result;
  } catch (error) {
    await target.rollback();
    throw error;
  }
}
