import type { ChangeRecord, ClientRecord, DatabaseSnapshot, SendRecord, ShownMessage } from "./client-record.ts";
import type { Findings } from "./findings.ts";

/**
 * Checks that every acknowledged change is in the database. A change whose reply timed out may be there or not; a refused
 * one may not. No other client edits or deletes a client's messages, and a user reacts with each emoji on one device only.
 */
export function auditChanges(snapshot: DatabaseSnapshot, record: ClientRecord, findings: Findings): void {
  const stored = new Map<string, ShownMessage>();
  for (const { room } of record.rooms)
    for (const message of snapshot.get(room)?.messages ?? []) stored.set(message.id, message);
  const sent = new Map<string, SendRecord>();
  for (const send of record.sends) if (send.outcome.kind === "acknowledged") sent.set(send.outcome.id, send);

  for (const changes of groupBy(record.changes, ({ message }) => message).values()) {
    const [first] = changes;
    if (first === undefined) continue;
    const addLost = (detail: string) => findings.add("lost", { client: record.name, room: first.room, detail });
    const message = stored.get(first.message);
    if (message === undefined) {
      addLost(`message ${first.message} was changed but is not in the database`);
      continue;
    }
    auditDeletion(message, changes, addLost);
    auditBody(message, sent.get(message.id)?.body, changes, addLost);
    auditReactions(message, record.user, changes, addLost);
  }
}

type AddLost = (detail: string) => void;

function auditDeletion(message: ShownMessage, changes: readonly ChangeRecord[], addLost: AddLost): void {
  const isDeleted = changes.some(({ change, outcome }) => change.kind === "delete" && outcome === "acknowledged");
  if (isDeleted && !message.deleted) addLost(`the deletion of ${message.id} was acknowledged but not stored`);
}

function auditBody(
  message: ShownMessage,
  original: string | undefined,
  changes: readonly ChangeRecord[],
  addLost: AddLost,
): void {
  let possible = original === undefined ? undefined : [original];
  for (const { change, outcome } of changes) {
    if (change.kind !== "edit" || outcome === "refused") continue;
    possible = outcome === "acknowledged" ? [change.body] : [...(possible ?? []), change.body];
  }
  if (message.deleted || possible === undefined || possible.includes(message.body)) return;
  addLost(`${message.id} was edited to ${JSON.stringify(possible)} but has ${JSON.stringify(message.body)}`);
}

function auditReactions(message: ShownMessage, user: string, changes: readonly ChangeRecord[], addLost: AddLost): void {
  if (message.deleted) return;
  const possible = new Map<string, readonly boolean[]>();
  for (const { change, outcome } of changes) {
    if (change.kind !== "react" || outcome === "refused") continue;
    const before = possible.get(change.emoji) ?? [false];
    possible.set(change.emoji, outcome === "acknowledged" ? [change.on] : [...before, change.on]);
  }
  for (const [emoji, states] of possible) {
    const isStored = message.reactions.includes(`${emoji} ${user}`);
    if (states.includes(isStored)) continue;
    addLost(`${emoji} on ${message.id} is ${isStored ? "stored but was removed" : "not stored but was added"}`);
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
