import type { HistoryPage } from "@multichat/protocol";
import type { Truth } from "../crowd/audit.ts";
import type { Findings } from "../crowd/findings.ts";
import type { Door } from "../crowd/levelled.ts";
import type { ShownMessage } from "../crowd/record.ts";
import { shownMessage } from "../crowd/shown-message.ts";
import { ask } from "../multichat/people.ts";

const PAGE = 100;

/** Reads a room from its first message to its last, page by page, as anybody could. */
export async function readHistory({ url, token }: Door, room: string): Promise<readonly ShownMessage[]> {
  const messages: ShownMessage[] = [];
  for (let after = 0; ; ) {
    const page = await ask<HistoryPage>(url, token, `/api/rooms/${room}/messages?after=${after}&limit=${PAGE}`);
    messages.push(...page.messages.map(shownMessage));
    const last = page.messages.at(-1);
    if (last === undefined || !page.hasAfter) return messages;
    after = last.seq;
  }
}

/** What the history told is what the database holds: as many messages, the same, in the same order. */
export function auditHistory(truth: Truth, room: string, told: readonly ShownMessage[], findings: Findings): void {
  const note = { client: null, room };
  const there = truth.get(room)?.messages ?? [];
  if (told.length !== there.length) {
    const what = `the history has ${told.length} messages, the database ${there.length}`;
    findings.add(told.length < there.length ? "lost" : "different", { ...note, what });
  }
  for (const [place, message] of told.entries()) {
    const real = there[place];
    if (JSON.stringify(real) !== JSON.stringify(message)) {
      findings.add("different", {
        ...note,
        what: `history: ${JSON.stringify(message)}; database: ${JSON.stringify(real)}`,
      });
    }
  }
}
