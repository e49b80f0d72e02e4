import type { AnyEventOf, ChannelLayer } from "@multichat/channels";
import type { ChatEvents, ProcessEvents } from "../fan-out/chat-events.ts";
import { EVERYBODY, PROCESSES } from "../fan-out/chat-groups.ts";
import { GroupListener } from "../fan-out/group-listener.ts";
import { deserializeRoom } from "../fan-out/serialized-room.ts";
import type { RoomStore } from "../store/store.ts";

/**
 * Lets this process know a room as it is told of it, and not a moment later from the database: who hears of a room can
 * enter it, and who hears of its end cannot. To be opened before the first connection, so that it hears first.
 */
export function syncRoomCache(
  layer: ChannelLayer,
  rooms: Pick<RoomStore, "upsertCached" | "removeCached">,
): Promise<GroupListener> {
  return GroupListener.open(layer, {
    name: "rooms",
    groups: [EVERYBODY, PROCESSES],
    onMessage: (message) => {
      // Broadcasts send nothing else to these groups.
      const event = message as unknown as AnyEventOf<ChatEvents & ProcessEvents>;
      if (event.type === "room.changed" || event.type === "room.refreshed") rooms.upsertCached(deserializeRoom(event));
      if (event.type === "room.deleted") rooms.removeCached(event.id);
    },
  });
}
