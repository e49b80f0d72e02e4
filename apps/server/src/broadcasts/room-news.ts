import type { AnyEventOf, ChannelLayer } from "@multichat/channels";
import type { RoomStore } from "../store/store.ts";
import type { ChatEvents } from "./chat-events.ts";
import { EVERYBODY } from "./chat-groups.ts";
import { GroupListener } from "./group-listener.ts";

/**
 * Lets this process know a room as it is told of it, and not a moment later from the database: who hears of a room can
 * enter it, and who hears of its end cannot. To be opened before the first connection, so that it hears first.
 */
export function followRoomNews(
  layer: ChannelLayer,
  rooms: Pick<RoomStore, "learn" | "learnEnd">,
): Promise<GroupListener> {
  return GroupListener.open(layer, {
    name: "rooms",
    group: EVERYBODY,
    hear: (message) => {
      // Broadcasts send nothing else to this group.
      const event = message as unknown as AnyEventOf<ChatEvents>;
      if (event.type === "room.altered") rooms.learn({ ...event.room, rights: event.rights });
      if (event.type === "room.deleted") rooms.learnEnd(event.id);
    },
  });
}
