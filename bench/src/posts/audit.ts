import { auditDatabase } from "../audit/audit-database.ts";
import type { DatabaseSnapshot } from "../audit/client-record.ts";
import { Findings } from "../audit/findings.ts";
import { type AuditResult, clientIdOf, type PosterRecord } from "./plan.ts";

/**
 * Looks for every acknowledged message in the database of a server that was killed, started again and stopped: each has to be
 * there once, at the seq with which it was acknowledged, and the messages of a connection in the order in which it sent them.
 */
export function auditPosts(
  rooms: DatabaseSnapshot,
  records: readonly PosterRecord[],
): Omit<AuditResult, "readyAfterMs"> {
  const findings = new Findings();
  let stored = 0;
  const seqsByRoom = new Map<string, ReadonlyMap<string, number>>();
  for (const room of rooms.values()) {
    auditDatabase(room, findings);
    stored += room.messages.length;
    seqsByRoom.set(room.room, new Map(room.messages.map(({ clientId, seq }) => [clientId, seq])));
  }
  let acknowledged = 0;
  for (const [connection, { room, seqs }] of records.entries()) {
    const storedSeqs = seqsByRoom.get(room);
    let last = 0;
    for (const [n, seq] of seqs.entries()) {
      const clientId = clientIdOf(connection, n);
      const storedSeq = storedSeqs?.get(clientId);
      const client = `connection ${connection}`;
      if (seq !== 0) {
        acknowledged += 1;
        if (storedSeq === undefined) {
          findings.add("lost", { client, room, detail: `message ${n} was acknowledged at ${seq}, and is not stored` });
        } else if (storedSeq !== seq) {
          const detail = `message ${n} was acknowledged at ${seq}, and is stored at ${storedSeq}`;
          findings.add("different", { client, room, detail });
        }
      }
      if (storedSeq === undefined) continue;
      if (storedSeq <= last) {
        findings.add("outOfOrder", { client, room, detail: `message ${n} is stored at ${storedSeq}, after ${last}` });
      }
      last = storedSeq;
    }
  }
  return {
    acknowledged,
    stored,
    findings: findings.evidence.map(({ kind, room, client, detail }) => `${kind}: room ${room}, ${client}: ${detail}`),
  };
}
