import type { Findings } from "./findings.ts";
import type { ChangeRecord, ClientRecord, SendRecord, ShownMessage, TrueRoom } from "./record.ts";

/**
 * Every acknowledged change is in the database. One that the client gave up on may be there or not; one that was refused may not.
 * A client is the only one that edits and deletes the messages that it changes, and a person uses an emoji on one device alone.
 */
export function auditChanges(truth: ReadonlyMap<string, TrueRoom>, record: ClientRecord, findings: Findings): void {
  const messages = new Map<string, ShownMessage>();
  for (const { room } of record.rooms)
    for (const message of truth.get(room)?.messages ?? []) messages.set(message.id, message);
  const sent = new Map<string, SendRecord>();
  for (const send of record.sends) if (send.outcome.kind === "acknowledged") sent.set(send.outcome.id, send);

  for (const changes of grouped(record.changes, ({ message }) => message).values()) {
    const [first] = changes;
    if (first === undefined) continue;
    const note = { client: record.name, room: first.room };
    const there = messages.get(first.message);
    if (there === undefined) {
      findings.add("lost", { ...note, what: `the message ${first.message}, which was changed, is not there` });
      continue;
    }
    auditDeletion(there, changes, (what) => findings.add("lost", { ...note, what }));
    auditBody(there, sent.get(there.id)?.body, changes, (what) => findings.add("lost", { ...note, what }));
    auditReactions(there, record.user, changes, (what) => findings.add("lost", { ...note, what }));
  }
}

type Note = (what: string) => void;

function auditDeletion(there: ShownMessage, changes: readonly ChangeRecord[], note: Note): void {
  const deleted = changes.some(({ change, outcome }) => change.kind === "delete" && outcome === "acknowledged");
  if (deleted && !there.deleted) note(`the deletion of ${there.id} was acknowledged, and it is there`);
}

function auditBody(
  there: ShownMessage,
  original: string | undefined,
  changes: readonly ChangeRecord[],
  note: Note,
): void {
  let possible = original === undefined ? undefined : [original];
  for (const { change, outcome } of changes) {
    if (change.kind !== "edit" || outcome === "refused") continue;
    possible = outcome === "acknowledged" ? [change.body] : [...(possible ?? []), change.body];
  }
  if (there.deleted || possible === undefined || possible.includes(there.body)) return;
  note(`${there.id} was edited to ${JSON.stringify(possible)} and says ${JSON.stringify(there.body)}`);
}

function auditReactions(there: ShownMessage, user: string, changes: readonly ChangeRecord[], note: Note): void {
  if (there.deleted) return;
  const possible = new Map<string, readonly boolean[]>();
  for (const { change, outcome } of changes) {
    if (change.kind !== "react" || outcome === "refused") continue;
    const before = possible.get(change.emoji) ?? [false];
    possible.set(change.emoji, outcome === "acknowledged" ? [change.on] : [...before, change.on]);
  }
  for (const [emoji, states] of possible) {
    const is = there.reactions.includes(`${emoji} ${user}`);
    if (!states.includes(is)) note(`${emoji} on ${there.id} should be ${is ? "gone" : "there"}`);
  }
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
