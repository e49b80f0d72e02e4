import type { Findings } from "./findings.ts";
import type { RoomRecord, ShownMessage, TrueRoom } from "./record.ts";

/** What a client shows, from its first message to the end, is what the database has. */
export function auditView(truth: TrueRoom, { view, gaps }: RoomRecord, client: string, findings: Findings): void {
  const note = { client, room: truth.room };
  if (gaps > 0) findings.add("lost", { ...note, what: `${gaps} gaps could not be loaded` }, gaps);
  const from = view[0]?.seq ?? Number.POSITIVE_INFINITY;
  const there = new Map(truth.messages.filter(({ seq }) => seq >= from).map((message) => [message.id, message]));
  if (view.length === 0 && truth.messages.length > 0) {
    findings.add("lost", { ...note, what: `shows none of ${truth.messages.length} messages` }, truth.messages.length);
  }
  const shown = new Set<string>();
  let last = 0;
  for (const message of view) {
    if (shown.has(message.id)) {
      findings.add("doubled", { ...note, what: `shows ${message.id} twice` });
      continue;
    }
    shown.add(message.id);
    if (message.seq <= last) findings.add("disordered", { ...note, what: `shows ${message.seq} below ${last}` });
    last = message.seq;
    const real = there.get(message.id);
    if (real === undefined) findings.add("different", { ...note, what: `shows ${message.id}, which is not there` });
    else if (said(real) !== said(message)) {
      findings.add("different", { ...note, what: `shows ${said(message)}, there is ${said(real)}` });
    }
  }
  for (const { id, seq } of there.values()) {
    if (!shown.has(id)) findings.add("lost", { ...note, what: `does not show ${id} at ${seq}` });
  }
}

function said({ id, seq, author, clientId, body, edited, deleted, reactions }: ShownMessage): string {
  return JSON.stringify({ id, seq, author, clientId, body, edited, deleted, reactions });
}
