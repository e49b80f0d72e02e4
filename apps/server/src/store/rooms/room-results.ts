import type { LogEvent } from "@multichat/protocol";
import type { StaleChange } from "./access-version.ts";
import type { StoredRoom } from "./stored-room.ts";

export type RoomChangeResult =
  | {
      readonly outcome: "changed";
      readonly room: StoredRoom;
      /** Undefined where the room was in this state already. */
      readonly event?: LogEvent;
    }
  | { readonly outcome: "unknown" }
  | StaleChange;

export type RoomDeletionResult = { readonly outcome: "deleted" } | { readonly outcome: "unknown" } | StaleChange;
