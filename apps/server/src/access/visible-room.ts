import type { Room, RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { RoomStore, StoredRoom } from "../store/store.ts";
import { canSeeRoom } from "./policies/rooms.ts";
import { toPublicRoom } from "./public-room.ts";
import { Refusal } from "./refusal.ts";

export { canSeeRoom, type RoomAudience as Audience } from "./policies/rooms.ts";

/** The part of the context that room access needs. */
export interface RoomReader {
  readonly store: { readonly rooms: Pick<RoomStore, "find" | "list"> };
}

/** The part of an actor that decides which rooms there are. */
type RoomViewer = Pick<Actor, "id" | "staff" | "operator">;

/**
 * The room at an address, for this person. One that the person may not see is refused exactly as one that does not exist.
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

/** The room as it travels; undefined where it does not exist for this person. */
export async function findVisibleRoom(
  context: RoomReader,
  actor: RoomViewer,
  address: RoomAddress,
): Promise<Room | undefined> {
  const room = await context.store.rooms.find(address);
  return room !== undefined && canSeeRoom(actor, room) ? toPublicRoom(room) : undefined;
}

/** The rooms that exist for this person, by number. */
export async function listVisibleRooms(context: RoomReader, actor: RoomViewer): Promise<readonly StoredRoom[]> {
  return (await context.store.rooms.list()).filter((room) => canSeeRoom(actor, room));
}
