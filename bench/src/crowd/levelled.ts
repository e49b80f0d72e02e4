import { setTimeout as wait } from "node:timers/promises";
import type { RoomListEntry } from "@multichat/protocol";
import { ask } from "../multichat/people.ts";
import type { Crowd } from "./crowd.ts";

const LOOK_EVERY_MS = 500;

/** Where the server is reached without a proxy, and as whom. */
export interface Door {
  readonly url: string;
  readonly token: string;
}

export async function roomsOf({ url, token }: Door): Promise<readonly RoomListEntry[]> {
  return (await ask<{ rooms: readonly RoomListEntry[] }>(url, token, "/api/rooms")).rooms;
}

/**
 * Waits until every client has every room's log up to its end, and nothing under way.
 * @returns why those that are not level after all the patience are not; empty: all are
 */
export async function levelled(crowd: Crowd, door: Door, patienceSeconds: number): Promise<readonly string[]> {
  const until = performance.now() + 1_000 * patienceSeconds;
  for (;;) {
    const lastSeqs = Object.fromEntries((await roomsOf(door)).map(({ id, lastSeq }) => [id, lastSeq]));
    const { level, others } = await crowd.level(lastSeqs);
    if (level === crowd.size) return [];
    if (performance.now() > until) return [`${crowd.size - level} clients are not level`, ...others];
    await wait(LOOK_EVERY_MS);
  }
}
