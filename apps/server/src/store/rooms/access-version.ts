import type { StoredRoom } from "./stored-room.ts";

/** What a change of a room or its members has been decided on. */
export interface DecidedAccess {
  /** The access version that the policy was asked with. @default any: no policy was asked */
  readonly accessVersion?: number | undefined;
}

/** The room has changed since the policy was asked, and nothing was written. */
export interface StaleChange {
  readonly outcome: "stale";
}

/** Whether a room, as read in the transaction of a change, has left the access version that the change was decided on. */
export function isStale(room: Pick<StoredRoom, "accessVersion">, { accessVersion }: DecidedAccess): boolean {
  return accessVersion !== undefined && room.accessVersion !== accessVersion;
}
