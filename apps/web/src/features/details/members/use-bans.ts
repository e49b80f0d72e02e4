import type { BansSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import { useMemo } from "react";
import { chat } from "../../../connection/chat.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { canModerate } from "../../../policies/room-role.ts";
import { type ReadableStore, useThrottledStore } from "../../../state/store.ts";

const emptySnapshot: BansSnapshot = { status: "cold", banned: [], count: 0 };
const NO_BANS: ReadableStore<BansSnapshot> = { get: () => emptySnapshot, subscribe: () => () => {} };

/** Returns the bans of the room; none if the user may not see them. */
export function useBans(room: RoomListEntry): BansSnapshot {
  const canSeeBans = canModerate(useMe(), room);
  return useThrottledStore(useMemo(() => (canSeeBans ? chat.room(room.id).bans : NO_BANS), [canSeeBans, room.id]));
}
