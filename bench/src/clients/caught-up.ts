import { setTimeout as wait } from "node:timers/promises";
import type { RoomListEntry } from "@multichat/protocol";
import { getJson } from "../multichat/users.ts";
import type { ClientPool } from "./client-pool.ts";

const POLL_INTERVAL_MS = 500;

/** The server's own address, past any proxy, and a user's token. */
export interface ServerAccess {
  readonly url: string;
  readonly token: string;
}

export async function listRooms({ url, token }: ServerAccess): Promise<readonly RoomListEntry[]> {
  return (await getJson<{ rooms: readonly RoomListEntry[] }>(url, token, "/api/rooms")).rooms;
}

/**
 * Waits until every client has every room's log up to its end, and nothing pending.
 * @returns why clients are still behind after the timeout; empty when all have caught up
 */
export async function waitUntilCaughtUp(
  clients: ClientPool,
  access: ServerAccess,
  timeoutSeconds: number,
): Promise<readonly string[]> {
  const deadline = performance.now() + 1_000 * timeoutSeconds;
  for (;;) {
    const lastSeqs = Object.fromEntries((await listRooms(access)).map(({ id, lastSeq }) => [id, lastSeq]));
    const { caughtUp, behind } = await clients.catchUpStatus(lastSeqs);
    if (caughtUp === clients.size) return [];
    if (performance.now() > deadline) return [`${clients.size - caughtUp} clients are behind`, ...behind];
    await wait(POLL_INTERVAL_MS);
  }
}
