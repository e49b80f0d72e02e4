import { Signal } from "../core/signal.ts";

/** What a room needs from the synchronization with the server. All carry the room's id. */
export class RoomSignals {
  readonly opened = new Signal<string>();
  readonly closed = new Signal<string>();
  /** The log contains events that have not arrived. */
  readonly eventsMissing = new Signal<string>();
  /** The unread counts may be wrong, and only the server can say. */
  readonly countsUncertain = new Signal<string>();
}
