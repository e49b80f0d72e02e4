import type { ConnectionState, OutboxMessage, RoomListSnapshot, RoomSnapshot } from "@multichat/client";
import type { Me, RoomListEntry } from "@multichat/protocol";
import { useEffect } from "react";
import { chat } from "../connection/chat.ts";
import type { Profile } from "../connection/profile-api.ts";
import { getRoomName, type NamedRoom } from "../state/room-name.ts";
import { useSession } from "../state/session.ts";
import { useStore, useThrottledStore } from "../state/store.ts";

/** Hooks over the SDK's stores. */

export function useConnection(): ConnectionState {
  return useStore(chat.connection);
}

export function useRooms(): RoomListSnapshot {
  return useThrottledStore(chat.rooms);
}

/** Returns the listed room of this number. */
export function useRoomByNumber(number: number): RoomListEntry | undefined {
  const { rooms } = useRooms();
  return rooms.find((room) => room.number === number);
}

/** Opens the room while the component is mounted, which keeps it up to date. */
export function useOpenRoom(id: string): RoomSnapshot {
  useEffect(() => chat.room(id).open(), [id]);
  return useThrottledStore(chat.room(id));
}

export function useOutbox(): readonly OutboxMessage[] {
  return useStore(chat.outbox);
}

/** Returns the signed-in profile. For components behind the sign-in only. */
export function useProfile(): Profile {
  const state = useSession();
  if (state.kind !== "signed-in")
    throw new Error(`expected a signed-in session, found ${state.kind}; render this component behind the sign-in`);
  return state.profile;
}

export function useMe(): Me {
  return useProfile().me;
}

/** Returns a room's name for the signed-in user. */
export function useRoomName(room: NamedRoom): string {
  return getRoomName(room, useMe().id);
}
