import type { Findings } from "./findings.ts";
import type { ClientRecord, TrueRoom } from "./record.ts";

/** Every acknowledged message is there, as it was acknowledged; each has been answered; each room has them in the order of sending. */
export function auditSends(truth: ReadonlyMap<string, TrueRoom>, record: ClientRecord, findings: Findings): void {
  const byName = new Map<string, Map<string, TrueRoom["messages"][number]>>();
  const lastSeq = new Map<string, number>();
  for (const { room, clientId, outcome } of record.sends) {
    const note = { client: record.name, room };
    if (outcome.kind !== "acknowledged") {
      const why = outcome.kind === "failed" ? `was refused (${outcome.code})` : "was never answered";
      findings.add("lost", { ...note, what: `the message ${clientId} ${why}` });
      continue;
    }
    let messages = byName.get(room);
    if (messages === undefined) {
      const own = truth.get(room)?.messages.filter(({ author }) => author === record.user) ?? [];
      messages = new Map(own.map((message) => [message.clientId, message]));
      byName.set(room, messages);
    }
    const there = messages.get(clientId);
    if (there === undefined) {
      findings.add("lost", { ...note, what: `the message ${clientId}, acknowledged as ${outcome.seq}, is not there` });
      continue;
    }
    if (there.seq !== outcome.seq || there.id !== outcome.id) {
      findings.add("different", {
        ...note,
        what: `${clientId}: acknowledged as ${outcome.id} at ${outcome.seq}, there as ${there.id} at ${there.seq}`,
      });
    }
    const before = lastSeq.get(room) ?? 0;
    if (there.seq <= before) {
      findings.add("disordered", {
        ...note,
        what: `${clientId} was sent later and stands at ${there.seq}, before ${before}`,
      });
    }
    lastSeq.set(room, Math.max(before, there.seq));
  }
}
