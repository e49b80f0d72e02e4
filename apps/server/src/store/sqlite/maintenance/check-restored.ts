import { verifyAudit } from "../../audit/verify-audit.ts";
import { connect } from "../connection.ts";

const BUSY_TIMEOUT_MS = 5_000;
/** Problems of one kind that are named. */
const MAX_NAMED = 10;

export interface RestoredCounts {
  readonly accounts: number;
  readonly rooms: number;
  readonly messages: number;
  readonly events: number;
  readonly auditEntries: number;
}

export interface RestoredCheck {
  readonly counts: RestoredCounts;
  /** When the last event happened, in milliseconds since 1970; null: there is none. */
  readonly lastEventAt: number | null;
  /** What is wrong; empty: nothing. */
  readonly problems: readonly string[];
}

/**
 * Checks the content of a restored database: the file, every index and every reference by SQLite's own checks, the numbers of
 * each room's event log, and the chain of the audit log. Reads everything.
 *
 * @throws StoreError where it cannot be read.
 */
export async function checkRestored(file: string): Promise<RestoredCheck> {
  const connection = connect({ file, readOnly: true, busyTimeoutMs: BUSY_TIMEOUT_MS });
  const { raw } = connection;
  const count = (table: string): number =>
    raw.prepare<[], { count: number }>(`select count(*) as count from ${table}`).get()?.count ?? 0;
  try {
    const damage = raw
      .prepare<[], { integrity_check: string }>(`pragma integrity_check(${MAX_NAMED})`)
      .all()
      .map(({ integrity_check: finding }) => finding)
      .filter((finding) => finding !== "ok");
    const references = raw
      .prepare<[], { table: string; parent: string }>("pragma foreign_key_check")
      .all()
      .slice(0, MAX_NAMED)
      .map(({ table, parent }) => `a row of ${table} refers to a row of ${parent} that is missing`);
    // Numbers are unique in a room: as many as the last one says are all of them.
    const gaps = raw
      .prepare<[], { number: number; last_seq: number; events: number }>(
        `select room.number, room.last_seq, count(event.seq) as events
           from room left join event on event.room = room.id
          group by room.id
         having count(event.seq) <> room.last_seq or coalesce(max(event.seq), 0) <> room.last_seq
          limit ${MAX_NAMED}`,
      )
      .all()
      .map(
        ({ number, last_seq: last, events }) => `room ${number}: expected ${last} events in its log, found ${events}`,
      );
    const audit = await verifyAudit(connection, {});
    const auditDamage =
      audit.damage === undefined ? [] : [`audit log: entry ${audit.damage.n}: ${audit.damage.reason}`];
    return {
      counts: {
        accounts: count("user"),
        rooms: count("room"),
        messages: count("message"),
        events: count("event"),
        auditEntries: audit.entries,
      },
      lastEventAt: raw.prepare<[], { at: number | null }>("select max(at) as at from event").get()?.at ?? null,
      problems: [...damage, ...references, ...gaps, ...auditDamage],
    };
  } finally {
    raw.close();
  }
}
