import { auditChanges } from "./audit-changes.ts";
import { auditDatabase } from "./audit-database.ts";
import { auditReceived } from "./audit-received.ts";
import { auditSends } from "./audit-sends.ts";
import { auditView } from "./audit-view.ts";
import type { ClientRecord, DatabaseSnapshot } from "./client-record.ts";
import { Findings } from "./findings.ts";

/** Audits the database by itself: every log is complete, and nothing is in it twice. */
export function auditSnapshot(snapshot: DatabaseSnapshot): Findings {
  const findings = new Findings();
  for (const room of snapshot.values()) auditDatabase(room, findings);
  return findings;
}

/** Compares what one client sent, received and shows with the database. */
export function auditClient(snapshot: DatabaseSnapshot, record: ClientRecord): Findings {
  const findings = new Findings();
  auditSends(snapshot, record, findings);
  auditChanges(snapshot, record, findings);
  for (const room of record.rooms) {
    const roomSnapshot = snapshot.get(room.room);
    if (roomSnapshot === undefined) {
      findings.add("lost", { client: record.name, room: room.room, detail: "the client's room is not stored" });
      continue;
    }
    auditReceived(roomSnapshot, room, record.name, findings);
    auditView(roomSnapshot, room, record.name, findings);
  }
  return findings;
}
