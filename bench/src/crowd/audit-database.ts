import type { Findings } from "./findings.ts";
import type { TrueRoom } from "./record.ts";

/** A room's log has every place from 1 to its last once; a message stands in it once, and was named by its author once. */
export function auditDatabase(room: TrueRoom, findings: Findings): void {
  const note = { client: null, room: room.room };
  let expected = 1;
  for (const { seq } of room.log) {
    if (seq > expected) findings.add("lost", { ...note, what: `the log goes from ${expected - 1} to ${seq}` });
    if (seq < expected) findings.add("doubled", { ...note, what: `seq ${seq} stands behind ${expected - 1}` });
    expected = Math.max(expected, seq) + 1;
  }
  if (room.lastSeq !== expected - 1) {
    findings.add("lost", { ...note, what: `the room's last seq is ${room.lastSeq}, its log's ${expected - 1}` });
  }
  const posted = new Map(room.log.flatMap(({ seq, on, message }) => (on === "message.posted" ? [[seq, message]] : [])));
  const ids = new Set<string>();
  const names = new Set<string>();
  for (const { id, seq, author, clientId } of room.messages) {
    if (ids.has(id)) findings.add("doubled", { ...note, what: `the message ${id} stands there twice` });
    const name = `${author} ${clientId}`;
    if (names.has(name))
      findings.add("doubled", { ...note, what: `${author}'s message ${clientId} stands there twice` });
    if (posted.get(seq) !== id) {
      findings.add("lost", {
        ...note,
        what: `the message ${id} at ${seq}: the log has ${posted.get(seq) ?? "none"} there`,
      });
    }
    posted.delete(seq);
    ids.add(id);
    names.add(name);
  }
  for (const [seq, message] of posted) {
    findings.add("lost", { ...note, what: `the log's message ${message} at ${seq}: not among the messages` });
  }
}
