import type { BansSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import { useMemo } from "react";
import { chat } from "../../../connection/chat.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { mayModerate } from "../../../policies/room-policy.ts";
import { type Readable, useFramedStore } from "../../../state/store.ts";

const nothing: BansSnapshot = { status: "cold", banned: [], count: 0 };
const NOT_TOLD: Readable<BansSnapshot> = { get: () => nothing, subscribe: () => () => {} };

/** Who is banned from the room; nobody, to those who are not told. */
export function useBans(room: RoomListEntry): BansSnapshot {
  const told = mayModerate(useMe(), room);
  return useFramedStore(useMemo(() => (told ? chat.room(room.id).bans : NOT_TOLD), [told, room.id]));
}
