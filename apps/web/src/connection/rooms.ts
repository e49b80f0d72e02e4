import type { CommandOf, Room } from "@multichat/protocol";
import { chat } from "./chat.ts";

/** How long a new room may take to appear in the list after the server has answered, in milliseconds. */
const LISTING_TIMEOUT_MS = 5_000;

/** A room that was just made is told to everybody's list by an event of its own: shown before that, it would look refused. */
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

/** A name for something that is about to be made. (`crypto.randomUUID` is missing where a page comes without encryption.) */
export function createClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Makes a room; the same `clientId` again makes no second one. @returns its number. */
export async function createRoom(draft: Omit<CommandOf<"room.create">, "id" | "do">): Promise<number> {
  const { room } = await chat.request("room.create", draft);
  return await waitUntilListed(room);
}

/** The direct conversation with somebody. @param user id or username. @returns its number. */
export async function openDirect(user: string): Promise<number> {
  const { room } = await chat.request("direct.open", { user });
  return await waitUntilListed(room);
}
