import type { Message } from "@multichat/protocol";
import { Signal } from "../core/signal.ts";

/** What the outbox announces. Rooms are given by their id. */
export class OutboxSignals {
  /** The unsent messages of a room have changed. */
  readonly roomChanged = new Signal<string>();
  /** The server has posted a message. The event in the room's log may not have arrived yet. */
  readonly messagePosted = new Signal<Message>();
  /** A message waits for a room that the connection has not joined. */
  readonly joinNeeded = new Signal<string>();
  /** The server says that the connection is not in a room that it had joined. */
  readonly notJoined = new Signal<string>();
  /** No message of the room waits to be sent any more. */
  readonly roomDrained = new Signal<string>();
}
