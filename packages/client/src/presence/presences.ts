import type { Presence, PresenceStatus } from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";

/** The presence that this device reports to the server. */
export interface OwnPresence {
  readonly status: PresenceStatus;
  readonly text: string;
}

/** The presence of users. */
export interface Presences {
  /**
   * The presence of a user; undefined while not known. Requested while it has a subscriber, and again after each reconnect. A user
   * who shares no room with the signed-in user is `offline`. Returns the same object for the same id while it has a subscriber.
   */
  readonly of: (userId: string) => Readable<Presence | undefined>;
  /**
   * Sets the signed-in user's presence; reported again after each reconnect. With `online`, the initial value, a page that is
   * hidden for 5 minutes reports `away` until it is visible again.
   */
  readonly set: (status: PresenceStatus, text?: string) => void;
  /** The signed-in user's presence, as this device reports it. */
  readonly own: Readable<OwnPresence>;
}
