import { chat } from "../connection/chat.ts";
import { parseRoomAddress } from "../navigation/room-navigation.ts";
import { currentPath } from "../state/address.ts";

/** How long the room is kept open until its column has rendered and keeps it open itself. */
const RENDER_TIMEOUT_MS = 5_000;

/**
 * Opens the room of the current address as soon as it is listed, so that its messages load while its column renders for the
 * first time, which takes long on a slow device.
 */
export function prefetchActiveRoom(): void {
  const { active } = parseRoomAddress(currentPath(), location.search) ?? {};
  if (active === undefined) return;
  const unsubscribe = chat.rooms.subscribe(() => {
    const room = chat.rooms.find(active);
    if (room === undefined) return;
    unsubscribe();
    setTimeout(chat.room(room.id).open(), RENDER_TIMEOUT_MS);
  });
}
