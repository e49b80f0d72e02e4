import type { RoomSnapshot } from "./client-record.ts";
import type { Findings } from "./findings.ts";

/** Checks that a room's log has every seq from 1 to its last once, each message once, and each author's client id once. */
export function auditDatabase(room: RoomSnapshot, findings: Findings): void {
  const add = (kind: "lost" | "duplicated", detail: string) =>
    findings.add(kind, { client: null, room: room.room, detail });
  let expected = 1;
  for (const { seq } of room.log) {
    if (seq > expected) add("lost", `the log skips from ${expected - 1} to ${seq}`);
    if (seq < expected) add("duplicated", `seq ${seq} follows ${expected - 1}`);
    expected = Math.max(expected, seq) + 1;
  }
  if (room.lastSeq !== expected - 1) add("lost", `the room's last seq is ${room.lastSeq}, its log's ${expected - 1}`);
  const posted = new Map(room.log.flatMap(({ seq, on, message }) => (on === "message.posted" ? [[seq, message]] : [])));
  const ids = new Set<string>();
  const clientIds = new Set<string>();
  for (const { id, seq, author, clientId } of room.messages) {
    if (ids.has(id)) add("duplicated", `message ${id} is stored twice`);
    const authorClientId = `${author} ${clientId}`;
    if (clientIds.has(authorClientId)) add("duplicated", `message ${clientId} of author ${author} is stored twice`);
    if (posted.get(seq) !== id) add("lost", `message ${id} at ${seq}: the log has ${posted.get(seq) ?? "none"} there`);
    posted.delete(seq);
    ids.add(id);
    clientIds.add(authorClientId);
  }
  for (const [seq, message] of posted) add("lost", `message ${message} at ${seq} is in the log but not stored`);
}
