import type { CommandOf, Room } from "@multichat/protocol";
import { chat } from "./chat.ts";
import { sendCommand } from "./send-command.ts";

const LISTING_TIMEOUT_MS = 5_000;

/** Resolves once the new room is in the room list: shown earlier, it would look unavailable. */
function waitUntilListed(room: Room): Promise<number> {
  if (chat.rooms.find(room.id) !== undefined) return Promise.resolve(room.number);
  return new Promise((resolve) => {
    const unsubscribe = chat.rooms.subscribe(() => {
      if (chat.rooms.find(room.id) !== undefined) done();
    });
    const timer = setTimeout(done, LISTING_TIMEOUT_MS);
    function done(): void {
      clearTimeout(timer);
      unsubscribe();
      resolve(room.number);
    }
  });
}

/** Returns a random id. (`crypto.randomUUID` is missing on pages served without TLS.) */
export function createClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Creates a room; a repeat with the same `clientId` creates no second one. @returns its number. */
export async function createRoom(draft: Omit<CommandOf<"room.create">, "id" | "do">): Promise<number> {
  const { room } = await sendCommand("room.create", draft);
  return await waitUntilListed(room);
}

/** Opens the direct conversation with a user, creating it if needed. @param user id or username. @returns its number. */
export async function openDirect(user: string): Promise<number> {
  const { room } = await sendCommand("direct.open", { user });
  return await waitUntilListed(room);
}
