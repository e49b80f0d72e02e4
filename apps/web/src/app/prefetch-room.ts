import { chat } from "../connection/chat.ts";
import { columnsOf } from "../navigation/room-navigation.ts";

/** Milliseconds in which the column of a room is drawn, which then keeps it open by itself. */
const DRAWN_WITHIN = 5_000;

/**
 * Opens the room that the address points at as soon as it is in the list: its messages are on their way while its column is
 * drawn for the first time, which takes long on a slow device.
 */
export function openAhead(): void {
  const { active } = columnsOf(location.pathname, location.search) ?? {};
  if (active === undefined) return;
  const stop = chat.rooms.subscribe(() => {
    const room = chat.rooms.find(active);
    if (room === undefined) return;
    stop();
    setTimeout(chat.room(room.id).open(), DRAWN_WITHIN);
  });
}
