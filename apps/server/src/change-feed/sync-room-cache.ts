import type { AnyEventOf, ChannelLayer } from "@multichat/channels";
import type { ChatEvents, ProcessEvents } from "../fan-out/chat-events.ts";
import { EVERYBODY, PROCESSES } from "../fan-out/chat-groups.ts";
import { GroupListener } from "../fan-out/group-listener.ts";
import { deserializeRoom } from "../fan-out/serialized-room.ts";
import type { RoomStore } from "../store/store.ts";

/**
 * Updates the cached rooms of this process from the events that it receives, before it reads the change from the database: a
 * user who learns of a new room can join it at once, and nobody can join a room after its deletion was announced. Open it
 * before the first connection, so that it receives each event first.
 */
export function syncRoomCache(
  layer: ChannelLayer,
  rooms: Pick<RoomStore, "upsertCached" | "removeCached">,
): Promise<GroupListener> {
  return GroupListener.open(layer, {
    name: "rooms",
    groups: [EVERYBODY, PROCESSES],
    onMessage: (message) => {
      // Only broadcasts send to these groups, and they send these types.
      const event = message as unknown as AnyEventOf<ChatEvents & ProcessEvents>;
      if (event.type === "room.changed" || event.type === "room.refreshed") rooms.upsertCached(deserializeRoom(event));
      if (event.type === "room.deleted") rooms.removeCached(event.id);
    },
  });
}
