import type { Room, RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canSeeRoom } from "../policies/rooms.ts";
import type { StoredRoom } from "../store/store.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";

/**
 * The room at an address, for this person. One that the person may not see is refused exactly as one that does not exist.
 * @throws Refusal ROOM_INVALID.
 */
export async function visibleRoom(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "staff">,
  address: RoomAddress,
): Promise<StoredRoom> {
  const room = await context.store.rooms.find(address);
  if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("ROOM_INVALID");
  return room;
}

/** The room as it travels; undefined where it does not exist for this person. */
export async function peekRoom(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "staff">,
  address: RoomAddress,
): Promise<Room | undefined> {
  const room = await context.store.rooms.find(address);
  return room !== undefined && canSeeRoom(actor, room) ? publicRoom(room) : undefined;
}

/** How a change of a room looks from one person's place; `unknown`: not seen before, and not to be seen now. */
export type RoomStanding = "visible" | "lost" | "unknown";

/** @param wasStaffOnly As the room was told before; null: it was not. */
export function roomStanding(
  viewer: Pick<Actor, "staff">,
  room: { readonly staffOnly: boolean },
  wasStaffOnly: boolean | null,
): RoomStanding {
  if (canSeeRoom(viewer, room)) return "visible";
  return wasStaffOnly !== null && canSeeRoom(viewer, { staffOnly: wasStaffOnly }) ? "lost" : "unknown";
}

/** A room as it travels: without what only the server needs. */
export function publicRoom({ rights: _, ...room }: StoredRoom): Room {
  return room;
}
