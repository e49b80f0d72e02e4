import type { Room, RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { RoomStore, StoredRoom } from "../store/store.ts";
import { canSeeRoom } from "./policies/rooms.ts";
import { toPublicRoom } from "./public-room.ts";
import { Refusal } from "./refusal.ts";

/** The part of the context that reads rooms. */
export interface RoomReader {
  readonly store: { readonly rooms: Pick<RoomStore, "find" | "list"> };
}

/** The part of an actor that decides which rooms are visible. */
type RoomViewer = Pick<Actor, "id" | "staff" | "operator">;

/**
 * Returns the room at an address. A room that the actor may not see is refused exactly like one that does not exist.
 * @throws Refusal ROOM_INVALID.
 */
export async function getVisibleRoom(
  context: RoomReader,
  actor: RoomViewer,
  address: RoomAddress,
): Promise<StoredRoom> {
  const room = await context.store.rooms.find(address);
  if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("ROOM_INVALID");
  return room;
}

/**
 * Reads from the room at an address. The actor is asked about again afterwards: a read may wait for others, and would otherwise
 * return what was written after the actor had lost access.
 * @throws Refusal ROOM_INVALID; whatever `read` throws.
 */
export async function readVisibleRoom<T>(
  context: RoomReader,
  actor: RoomViewer,
  address: RoomAddress,
  read: (room: StoredRoom) => Promise<T>,
): Promise<T> {
  const room = await getVisibleRoom(context, actor, address);
  const result = await read(room);
  await getVisibleRoom(context, actor, room.id);
  return result;
}

/** Returns the public form of the room at an address, or undefined where the actor may not see it. */
export async function findVisibleRoom(
  context: RoomReader,
  actor: RoomViewer,
  address: RoomAddress,
): Promise<Room | undefined> {
  const room = await context.store.rooms.find(address);
  return room !== undefined && canSeeRoom(actor, room) ? toPublicRoom(room) : undefined;
}

/** Returns the rooms that the actor may see, by number. */
export async function listVisibleRooms(context: RoomReader, actor: RoomViewer): Promise<readonly StoredRoom[]> {
  return (await context.store.rooms.list()).filter((room) => canSeeRoom(actor, room));
}
