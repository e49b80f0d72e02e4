import type { RoomRecord, RoomSnapshot } from "./client-record.ts";
import type { FindingKind, Findings } from "./findings.ts";

/** Checks that a client received every event once and in order, from its start and from each reset up to the last event. */
export function auditReceived(
  snapshot: RoomSnapshot,
  { received }: RoomRecord,
  client: string,
  findings: Findings,
): void {
  const add = (kind: FindingKind, detail: string, count = 1) =>
    findings.add(kind, { client, room: snapshot.room, detail }, count);
  const log = new Map(snapshot.log.map((event) => [event.seq, event]));
  const seqs = new Set<number>();
  let last: number | undefined;
  for (const entry of received) {
    if (entry.kind === "reset") {
      if (last !== undefined && entry.seq < last) add("outOfOrder", `reset from ${last} back to ${entry.seq}`);
      last = entry.seq;
      continue;
    }
    if (seqs.has(entry.seq)) {
      add("duplicated", `${entry.on} ${entry.seq} was received twice`);
      continue;
    }
    seqs.add(entry.seq);
    if (last === undefined || entry.seq <= last) {
      add("outOfOrder", `${entry.on} ${entry.seq} was received after ${last ?? "nothing"}`);
      continue;
    }
    if (entry.seq > last + 1) {
      add("lost", `${last + 1} to ${entry.seq - 1} were not received`, entry.seq - last - 1);
    }
    last = entry.seq;
    const logged = log.get(entry.seq);
    if (logged === undefined || logged.on !== entry.on || logged.message !== entry.message) {
      const expected = logged === undefined ? "nothing" : `${logged.on} ${logged.message ?? ""}`;
      add("different", `received ${entry.on} ${entry.message ?? ""} as ${entry.seq}, which is ${expected} in the log`);
    }
  }
  const end = last ?? 0;
  const { lastSeq } = snapshot;
  if (end < lastSeq) add("lost", `${end + 1} to ${lastSeq}, the end, were not received`, lastSeq - end);
  if (end > lastSeq) add("lost", `received up to ${end}, but the database ends at ${lastSeq}`, end - lastSeq);
}
