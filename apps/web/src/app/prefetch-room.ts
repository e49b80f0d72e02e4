import { chat } from "../connection/chat.ts";
import { parseRoomAddress } from "../navigation/room-navigation.ts";

/** Milliseconds in which the column of a room is drawn, which then keeps it open by itself. */
const RENDER_TIMEOUT_MS = 5_000;

/**
 * Opens the room that the address points at as soon as it is in the list: its messages are on their way while its column is
 * drawn for the first time, which takes long on a slow device.
 */
export function prefetchActiveRoom(): void {
  const { active } = parseRoomAddress(location.pathname, location.search) ?? {};
  if (active === undefined) return;
  const unsubscribe = chat.rooms.subscribe(() => {
    const room = chat.rooms.find(active);
    if (room === undefined) return;
    unsubscribe();
    setTimeout(chat.room(room.id).open(), RENDER_TIMEOUT_MS);
  });
}
