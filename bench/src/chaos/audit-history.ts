import type { HistoryPage } from "@multichat/protocol";
import type { DatabaseSnapshot, ShownMessage } from "../audit/client-record.ts";
import type { Findings } from "../audit/findings.ts";
import { toShownMessage } from "../audit/shown-message.ts";
import type { ServerAccess } from "../clients/caught-up.ts";
import { getJson } from "../multichat/users.ts";

const PAGE_SIZE = 100;

/** Reads a room from its first message to its last, page by page, over the public HTTP API. */
export async function readHistory({ url, token }: ServerAccess, room: string): Promise<readonly ShownMessage[]> {
  const messages: ShownMessage[] = [];
  for (let after = 0; ; ) {
    const path = `/api/rooms/${room}/messages?after=${after}&limit=${PAGE_SIZE}`;
    const page = await getJson<HistoryPage>(url, token, path);
    messages.push(...page.messages.map(toShownMessage));
    const last = page.messages.at(-1);
    if (last === undefined || !page.hasAfter) return messages;
    after = last.seq;
  }
}

/** Checks that a room's history has the same messages as the database, in the same order. */
export function auditHistory(
  snapshot: DatabaseSnapshot,
  room: string,
  history: readonly ShownMessage[],
  findings: Findings,
): void {
  const stored = snapshot.get(room)?.messages ?? [];
  if (history.length !== stored.length) {
    const detail = `the history has ${history.length} messages, the database ${stored.length}`;
    findings.add(history.length < stored.length ? "lost" : "different", { client: null, room, detail });
  }
  for (const [index, message] of history.entries()) {
    const inHistory = JSON.stringify(message);
    const inDatabase = JSON.stringify(stored[index]);
    if (inHistory === inDatabase) continue;
    findings.add("different", { client: null, room, detail: `history: ${inHistory}; database: ${inDatabase}` });
  }
}
