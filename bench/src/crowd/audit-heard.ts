import type { Findings } from "./findings.ts";
import type { RoomRecord, TrueRoom } from "./record.ts";

/** From where it began, and from each reset on, a client is told every event of the log once and in order, up to the last. */
export function auditHeard(truth: TrueRoom, { heard }: RoomRecord, client: string, findings: Findings): void {
  const note = { client, room: truth.room };
  const log = new Map(truth.log.map((line) => [line.seq, line]));
  const told = new Set<number>();
  let last: number | undefined;
  for (const line of heard) {
    if (line.kind === "reset") {
      if (last !== undefined && line.seq < last) {
        findings.add("disordered", { ...note, what: `put back from ${last} to ${line.seq}` });
      }
      last = line.seq;
      continue;
    }
    if (told.has(line.seq)) {
      findings.add("doubled", { ...note, what: `${line.on} ${line.seq} was told twice` });
      continue;
    }
    told.add(line.seq);
    if (last === undefined || line.seq <= last) {
      findings.add("disordered", { ...note, what: `${line.on} ${line.seq} was told after ${last ?? "nothing"}` });
      continue;
    }
    if (line.seq > last + 1) {
      const missing = line.seq - last - 1;
      findings.add("lost", { ...note, what: `from ${last + 1} to ${line.seq - 1} nothing was told` }, missing);
    }
    last = line.seq;
    const there = log.get(line.seq);
    if (there === undefined || there.on !== line.on || there.message !== line.message) {
      const is = there === undefined ? "nothing" : `${there.on} ${there.message ?? ""}`;
      findings.add("different", {
        ...note,
        what: `told ${line.on} ${line.message ?? ""} as ${line.seq}, which is ${is}`,
      });
    }
  }
  const end = last ?? 0;
  if (end < truth.lastSeq) {
    const missing = truth.lastSeq - end;
    findings.add("lost", { ...note, what: `from ${end + 1} to ${truth.lastSeq}, the end, nothing was told` }, missing);
  } else if (end > truth.lastSeq) {
    findings.add(
      "lost",
      { ...note, what: `told up to ${end}, and the database ends at ${truth.lastSeq}` },
      end - truth.lastSeq,
    );
  }
}
