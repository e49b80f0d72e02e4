import type { ServerEvent } from "@multichat/protocol";
import { Signal } from "../core/signal.ts";
import type { RoomReset } from "./room-reset.ts";

/** What rooms announce to the rest of the client. */
export class ChatSignals {
  /** The connection has joined the room, and the room has applied the events that it missed. Carries the room's id. */
  readonly roomSubscribed = new Signal<string>();
  /** An event took effect: those of a room's log once and in order, the others as they arrive. */
  readonly eventApplied = new Signal<ServerEvent | RoomReset>();
  /** The room does not exist for the user, or no longer does. Carries the room's id. */
  readonly roomLost = new Signal<string>();
}
