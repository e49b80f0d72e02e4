import type { ClientRecord, DatabaseSnapshot, ShownMessage } from "./client-record.ts";
import type { FindingKind, Findings } from "./findings.ts";

/** Checks that every message was acknowledged, is in the database as acknowledged, and is in its room in sending order. */
export function auditSends(snapshot: DatabaseSnapshot, record: ClientRecord, findings: Findings): void {
  const ownMessages = new Map<string, Map<string, ShownMessage>>();
  const lastSeqs = new Map<string, number>();
  for (const { room, clientId, outcome } of record.sends) {
    const add = (kind: FindingKind, detail: string) => findings.add(kind, { client: record.name, room, detail });
    if (outcome.kind !== "acknowledged") {
      const reason = outcome.kind === "failed" ? `was refused (${outcome.code})` : "got no reply";
      add("lost", `message ${clientId} ${reason}`);
      continue;
    }
    let messages = ownMessages.get(room);
    if (messages === undefined) {
      const own = snapshot.get(room)?.messages.filter(({ author }) => author === record.user) ?? [];
      messages = new Map(own.map((message) => [message.clientId, message]));
      ownMessages.set(room, messages);
    }
    const stored = messages.get(clientId);
    if (stored === undefined) {
      add("lost", `message ${clientId} was acknowledged at ${outcome.seq} but is not stored`);
      continue;
    }
    if (stored.seq !== outcome.seq || stored.id !== outcome.id) {
      const acknowledged = `${outcome.id} at ${outcome.seq}`;
      add("different", `${clientId} was acknowledged as ${acknowledged} but stored as ${stored.id} at ${stored.seq}`);
    }
    const previous = lastSeqs.get(room) ?? 0;
    if (stored.seq <= previous) {
      add("outOfOrder", `${clientId} was sent later but stored at ${stored.seq}, before ${previous}`);
    }
    lastSeqs.set(room, Math.max(previous, stored.seq));
  }
}
