import type { ConnectionState, OutboxMessage, RoomListSnapshot, RoomSnapshot } from "@multichat/client";
import type { Me, RoomListEntry } from "@multichat/protocol";
import { useEffect } from "react";
import type { Profile } from "../connection/api.ts";
import { chat } from "../connection/chat.ts";
import { getRoomName, type NamedRoom } from "../state/room-name.ts";
import { useSession } from "../state/session.ts";
import { useStore, useThrottledStore } from "../state/store.ts";

/** The SDK's stores as hooks. */

export function useConnection(): ConnectionState {
  return useStore(chat.connection);
}

export function useRooms(): RoomListSnapshot {
  return useThrottledStore(chat.rooms);
}

/** The room of this number, as far as the list has it. */
export function useRoomByNumber(number: number): RoomListEntry | undefined {
  const { rooms } = useRooms();
  return rooms.find((room) => room.number === number);
}

/** A room that is looked at: kept level with the server for as long as the component is there. */
export function useOpenRoom(id: string): RoomSnapshot {
  useEffect(() => chat.room(id).open(), [id]);
  return useThrottledStore(chat.room(id));
}

export function useOutbox(): readonly OutboxMessage[] {
  return useStore(chat.outbox);
}

/** Who is signed in. Only below a scene that is for people who are. */
export function useProfile(): Profile {
  const state = useSession();
  if (state.kind !== "signed-in")
    throw new Error(`expected somebody to be signed in here, found the session ${state.kind}`);
  return state.profile;
}

export function useMe(): Me {
  return useProfile().me;
}

/** What a room is called by whoever is signed in. */
export function useRoomName(room: NamedRoom): string {
  return getRoomName(room, useMe().id);
}
