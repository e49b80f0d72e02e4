import type { Room, RoomAddress, RoomChanges } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canManageRooms } from "../policies/rooms.ts";
import type { Context } from "./context.ts";
import { byOf } from "./operator.ts";
import { Refusal } from "./refusal.ts";
import { publicRoom, visibleRoom } from "./visible-room.ts";

export interface ChangeRoom {
  readonly room: RoomAddress;
  readonly changes: {
    readonly title?: string | undefined;
    readonly topic?: string | undefined;
    readonly staffOnly?: boolean | undefined;
    readonly archived?: boolean | undefined;
  };
}

/** @throws Refusal ROOM_INVALID; FORBIDDEN. */
export async function changeRoom(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, changes }: ChangeRoom,
): Promise<Room> {
  // First whether the room exists for this person: FORBIDDEN would tell that it does.
  const { id } = await visibleRoom({ store }, actor, address);
  if (!canManageRooms(actor)) throw new Refusal("FORBIDDEN");
  const changed = await store.rooms.change(id, withoutUndefined(changes), byOf(actor));
  if (changed === undefined) throw new Refusal("ROOM_INVALID");
  if (changed.event !== undefined) {
    // First who may hear the room from now on, then what happened in it: those who lose it do not hear why.
    await broadcasts.roomAltered(changed.room);
    await broadcasts.loggedOnce(changed.room, changed.event);
    await broadcasts.settled();
  }
  return publicRoom(changed.room);
}

function withoutUndefined({ title, topic, staffOnly, archived }: ChangeRoom["changes"]): RoomChanges {
  return {
    ...(title === undefined ? {} : { title }),
    ...(topic === undefined ? {} : { topic }),
    ...(staffOnly === undefined ? {} : { staffOnly }),
    ...(archived === undefined ? {} : { archived }),
  };
}
