import { auditChanges } from "./audit-changes.ts";
import { auditDatabase } from "./audit-database.ts";
import { auditHeard } from "./audit-heard.ts";
import { auditSends } from "./audit-sends.ts";
import { auditView } from "./audit-view.ts";
import { Findings } from "./findings.ts";
import type { ClientRecord, TrueRoom } from "./record.ts";

/** The database by room id. */
export type Truth = ReadonlyMap<string, TrueRoom>;

/** What the database says about itself: every log without a hole, nothing in it twice. */
export function auditTruth(truth: Truth): Findings {
  const findings = new Findings();
  for (const room of truth.values()) auditDatabase(room, findings);
  return findings;
}

/** Compares what one client did, was told and shows with what is in the database. */
export function auditClient(truth: Truth, record: ClientRecord): Findings {
  const findings = new Findings();
  auditSends(truth, record, findings);
  auditChanges(truth, record, findings);
  for (const room of record.rooms) {
    const there = truth.get(room.room);
    if (there === undefined) {
      findings.add("lost", { client: record.name, room: room.room, what: "a room that the client is in" });
      continue;
    }
    auditHeard(there, room, record.name, findings);
    auditView(there, room, record.name, findings);
  }
  return findings;
}
