import type { LogEvent } from "@multichat/protocol";
import type { StoredRoom } from "../rooms/stored-room.ts";

export type MemberChangeResult =
  | {
      readonly outcome: "changed";
      /** The seq of the event that brought the membership into this state. */
      readonly seq: number;
      /** Undefined where the membership was in this state already. */
      readonly event?: LogEvent;
      readonly room: StoredRoom;
    }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "banned" }
  /** A room keeps an owner: the last one can neither leave nor lose the role while the room has other members. */
  | { readonly outcome: "last-owner" };
