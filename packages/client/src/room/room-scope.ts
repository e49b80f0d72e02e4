import type { WireError } from "@multichat/protocol";
import { Signal } from "../core/signal.ts";
import { CommandError } from "../model/errors.ts";
import { RoomLog } from "./log/room-log.ts";
import type { RoomContext } from "./room-context.ts";

const GONE: WireError = { code: "ROOM_INVALID", message: "This room no longer exists." };

/** What the parts of one room share. */
export class RoomScope {
  readonly id: string;
  readonly context: RoomContext;
  readonly log: RoomLog;
  /** The room's snapshot has changed. */
  readonly changed = new Signal<void>();
  /** What the room list shows of the room has changed. */
  readonly listingChanged = new Signal<void>();
  /** What is persisted of the room has changed. */
  readonly contentChanged = new Signal<void>();
  /** How many callers have the room open. */
  openCount = 0;
  /** Set when the room does not exist for the user; `error` is null where the room was taken away. */
  gone: { readonly error: WireError | null } | undefined;

  constructor(id: string, context: RoomContext) {
    this.id = id;
    this.context = context;
    this.log = new RoomLog(id, context.joinedRooms);
  }

  get isOpen(): boolean {
    return this.openCount > 0;
  }

  /** Why nothing can be loaded; undefined while the room exists. */
  get refusal(): CommandError | undefined {
    return this.gone === undefined ? undefined : new CommandError("room.join", this.gone.error ?? GONE);
  }
}
