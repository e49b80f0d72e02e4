import type { Presence, PresenceStatus } from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";

/** How this device is there, as it tells the server. */
export interface OwnPresence {
  readonly status: PresenceStatus;
  readonly text: string;
}

/** Who is there. */
export interface Presences {
  /**
   * How somebody is there; undefined: not known. Asked for while somebody is subscribed, again after each reconnect; `offline` also of
   * who shares no room with the person who asks. The same object for the same id, as long as somebody is subscribed.
   */
  readonly of: (userId: string) => Readable<Presence | undefined>;
  /**
   * How one is there oneself; told again after each reconnect. `online` is what it is without being set: then a page that is hidden
   * for 5 minutes says `away` by itself, until it is seen again.
   */
  readonly set: (status: PresenceStatus, text?: string) => void;
  readonly own: Readable<OwnPresence>;
}
