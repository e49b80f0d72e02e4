import { expect } from "vitest";
import type { Store } from "../../../src/store/store.ts";
import type { Acknowledged } from "./child-store.ts";

/** Expects a room's log without gaps or duplicates, and with every acknowledged message. Returns its last seq. */
export async function expectWholeLog(
  store: Store,
  room: string,
  acknowledged: readonly Acknowledged[],
): Promise<number> {
  const lastSeq = (await store.rooms.find(room))?.lastSeq ?? 0;
  const events = (await store.eventLog.readSince({ room, since: 0, limit: lastSeq })) ?? [];
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
  const posted = new Map<string, number>();
  for (const event of events) {
    if (event.on !== "message.posted") continue;
    expect(posted.has(event.message.clientId), `${event.message.clientId} once`).toBe(false);
    posted.set(event.message.clientId, event.seq);
  }
  const lost = acknowledged.filter(({ clientId, seq }) => posted.get(clientId) !== seq);
  expect(lost).toEqual([]);
  return lastSeq;
}
