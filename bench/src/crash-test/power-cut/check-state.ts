import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inspectSqlite } from "../../../../apps/server/src/store/sqlite/maintenance/inspect.ts";
import { lockForServer } from "../../../../apps/server/src/store/sqlite/server-lock.ts";
import { SessionLookup } from "../../../../apps/server/src/store/sqlite/session-lookup.ts";
import { auditSnapshot } from "../../audit/audit.ts";
import { readSnapshot } from "../../audit/database-snapshot.ts";
import { openDatabase } from "../damage/open-database.ts";
import { type Expectation, expectationsAt, type Fact, type FactKind, SENT_KEY } from "./facts.ts";

/**
 * `not opened`: the server could not start. `damaged`: the database, an index or a log in it is not intact. `lost`: an
 * acknowledged change is not there. `returned`: a session or a right is there whose end was acknowledged. `duplicated`: twice.
 * `unknown`: a message that nobody had sent.
 */
export const FINDING_KINDS = ["not opened", "damaged", "lost", "returned", "duplicated", "unknown"] as const;

export interface StateFinding {
  readonly kind: (typeof FINDING_KINDS)[number];
  readonly detail: string;
}

export type FindingCounts = Readonly<Record<StateFinding["kind"], number>>;

export interface CheckedState {
  /** The first ones. */
  readonly findings: readonly StateFinding[];
  /** Of all. */
  readonly counts: FindingCounts;
  /** Acknowledged changes that were looked for. */
  readonly expected: number;
}

export const NO_FINDINGS: FindingCounts = {
  "not opened": 0,
  damaged: 0,
  lost: 0,
  returned: 0,
  duplicated: 0,
  unknown: 0,
};

/** Where the recorded server has its database, below the recorded folder; backups are beside it. */
export const DATA_FOLDER = "data";
export const DATABASE_FILE = "multichat.db";

/** Kinds of changes that take something away; where they are lost, a user has more rights than before. */
const RIGHTS: readonly FactKind[] = ["memberships, roles and bans", "accounts and their rights", "session endings"];
const INDEX_BATCH = { maxMessages: 500, maxChars: 100_000 } as const;
/** Findings of one state that are listed. */
const MAX_FINDINGS = 20;

/** Opens a state as a server does, and compares it with what its clients know. */
export async function checkState(folder: string, facts: readonly Fact[], cut: number): Promise<CheckedState> {
  const expectations = expectationsAt(facts, cut);
  const findings: StateFinding[] = [];
  const counts = { ...NO_FINDINGS };
  const add = (kind: StateFinding["kind"], detail: string): void => {
    counts[kind] += 1;
    if (findings.length < MAX_FINDINGS) findings.push({ kind, detail });
  };
  const file = join(folder, DATA_FOLDER, DATABASE_FILE);
  try {
    // As `multichat doctor` does.
    const inspected = inspectSqlite(file);
    if (inspected.found === "database") for (const damage of inspected.damage) add("damaged", damage);
    const sessions = await openAsServer(file, expectations, add);
    const stored = readStored(file, add);
    for (const [key, isValid] of sessions) stored.set(key, isValid ? "valid" : "ended");
    await checkBackups(folder, stored, add);
    compare(expectations, stored, add);
    findUnknown(stored, facts, cut, add);
  } catch (error) {
    add("not opened", error instanceof Error ? error.message : String(error));
  }
  return { findings, counts, expected: expectations.length };
}

type AddFinding = (kind: StateFinding["kind"], detail: string) => void;

/** Opens the database with the server's lock and threads' code, which recovers it, and ends the work that was under way. */
async function openAsServer(
  file: string,
  expectations: readonly Expectation[],
  add: AddFinding,
): Promise<ReadonlyMap<string, boolean>> {
  const lock = await lockForServer(file, { shared: false });
  try {
    const { operations, close } = await openDatabase(file, "one thread");
    const lookup = new SessionLookup(file);
    try {
      while ((await operations.maintenance.indexSome(INDEX_BATCH)).hasMore) {
        // The next ones.
      }
      const { damage } = await operations.audit.verify({});
      if (damage !== undefined) add("damaged", `entry ${damage.n} of the audit log: ${damage.reason}`);
      return new Map(
        expectations
          .filter(({ key }) => key.startsWith("session "))
          .map(({ key }) => [key, lookup.find(key.slice("session ".length)) !== undefined]),
      );
    } finally {
      lookup.close();
      await close();
    }
  } finally {
    await lock.release();
  }
}

/** Reads everything that is compared, by its key, with another library than the server's. */
function readStored(file: string, add: AddFinding): Map<string, string> {
  const snapshot = readSnapshot(file);
  for (const { kind, room, detail } of auditSnapshot(snapshot).evidence) {
    add(kind === "duplicated" ? "duplicated" : "damaged", `room ${room}: ${detail}`);
  }
  const stored = new Map<string, string>();
  for (const room of snapshot.values()) {
    for (const { id, seq, clientId, body, reactions } of room.messages) {
      if (stored.has(`${SENT_KEY}${clientId}`)) add("duplicated", `message ${clientId}`);
      stored.set(`${SENT_KEY}${clientId}`, "there");
      stored.set(`place ${clientId}`, `${id} ${seq}`);
      stored.set(`body ${id}`, body);
      for (const reaction of reactions) stored.set(`reaction ${id} ${reaction}`, "yes");
    }
  }
  const database = new DatabaseSync(file);
  try {
    const unindexed = database.prepare("select count(*) as count from search_queue").get();
    if (unindexed?.count !== 0) add("damaged", `${unindexed?.count} messages cannot be indexed`);
    database.exec("insert into message_search (message_search) values ('integrity-check')");
    for (const [key, statement] of STATEMENTS) {
      for (const row of database.prepare(statement).all()) stored.set(`${key} ${row.key}`, String(row.value));
    }
  } finally {
    database.close();
  }
  return stored;
}

/** Statements for keys and their values. */
const STATEMENTS = [
  ["pin", "select id as key, 'yes' as value from message where pinned_at is not null"],
  ["room", "select client_key as key, 'yes' as value from room where client_key is not null"],
  ["title", "select id as key, title as value from room"],
  ["staff-only", "select id as key, iif(staff_only = 1, 'yes', 'no') as value from room"],
  ["member", "select room || ' ' || user as key, 'banned' as value from departure where banned = 1"],
  ["member", "select room || ' ' || user as key, role as value from member"],
  ["staff", "select id as key, iif(staff = 1, 'yes', 'no') as value from user"],
  ["active", "select id as key, iif(active = 1, 'yes', 'no') as value from user"],
] as const;

/** What a key has that is not stored. */
function absentValue(key: string): string {
  if (key.startsWith("member ")) return "none";
  if (key.startsWith("reaction ") || key.startsWith("pin ")) return "no";
  return "absent";
}

/** A file with the name of a backup is a whole one. */
async function checkBackups(folder: string, stored: Map<string, string>, add: AddFinding): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".db")) continue;
    const inspected = inspectSqlite(join(folder, name));
    const damage = inspected.found === "nothing" ? ["it is not there"] : inspected.damage;
    if (inspected.found === "database" && inspected.schema !== inspected.supportedSchema)
      add("damaged", `${name}: empty`);
    for (const finding of damage) add("damaged", `${name}: ${finding}`);
    stored.set(`backup ${name}`, "whole");
  }
}

function compare(expectations: readonly Expectation[], stored: ReadonlyMap<string, string>, add: AddFinding): void {
  for (const { key, kind, values } of expectations) {
    const value = stored.get(key) ?? absentValue(key);
    if (values.includes(value)) continue;
    const isRight = RIGHTS.includes(kind) && values.every((expected) => GONE.includes(expected));
    add(
      isRight ? "returned" : "lost",
      `${kind}: ${key} is ${quote(value)}, expected ${values.map(quote).join(" or ")}`,
    );
  }
}

/** Values of a right that was taken away. */
const GONE: readonly string[] = ["ended", "none", "banned", "no"];
const MAX_QUOTED = 100;

function quote(value: string): string {
  return JSON.stringify(value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value);
}

function findUnknown(stored: ReadonlyMap<string, string>, facts: readonly Fact[], cut: number, add: AddFinding): void {
  const sent = new Set(facts.filter(({ kind, sentAt }) => kind === "messages" && sentAt < cut).map(({ key }) => key));
  for (const key of stored.keys()) if (key.startsWith(SENT_KEY) && !sent.has(key)) add("unknown", key);
}
