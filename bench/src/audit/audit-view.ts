import type { RoomRecord, RoomSnapshot, ShownMessage } from "./client-record.ts";
import type { FindingKind, Findings } from "./findings.ts";

/** Checks that a client shows what the database has, from the first message that it shows to the end. */
export function auditView(
  snapshot: RoomSnapshot,
  { view, gaps }: RoomRecord,
  client: string,
  findings: Findings,
): void {
  const add = (kind: FindingKind, detail: string, count = 1) =>
    findings.add(kind, { client, room: snapshot.room, detail }, count);
  if (gaps > 0) add("lost", `${gaps} gaps could not be loaded`, gaps);
  const from = view[0]?.seq ?? Number.POSITIVE_INFINITY;
  const stored = new Map(snapshot.messages.filter(({ seq }) => seq >= from).map((message) => [message.id, message]));
  const total = snapshot.messages.length;
  if (view.length === 0 && total > 0) add("lost", `shows none of ${total} messages`, total);
  const shownIds = new Set<string>();
  let last = 0;
  for (const shown of view) {
    if (shownIds.has(shown.id)) {
      add("duplicated", `shows ${shown.id} twice`);
      continue;
    }
    shownIds.add(shown.id);
    if (shown.seq <= last) add("outOfOrder", `shows ${shown.seq} below ${last}`);
    last = shown.seq;
    const message = stored.get(shown.id);
    if (message === undefined) add("different", `shows ${shown.id}, which is not stored`);
    else if (comparable(message) !== comparable(shown)) {
      add("different", `shows ${comparable(shown)}, stored is ${comparable(message)}`);
    }
  }
  for (const { id, seq } of stored.values()) {
    if (!shownIds.has(id)) add("lost", `does not show ${id} at ${seq}`);
  }
}

function comparable({ id, seq, author, clientId, body, edited, deleted, reactions }: ShownMessage): string {
  return JSON.stringify({ id, seq, author, clientId, body, edited, deleted, reactions });
}
