import type { MemberState, Room, RoomListEntry } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

const NO_MEMBER_STATE: MemberState = { role: null, mutedUntil: null, readSeq: 0, unread: 0, mentions: 0 };

/** Returns the visible rooms by number, including archived ones, each with the actor's role and unread counts. */
export async function listRooms(
  { store }: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff" | "operator">,
): Promise<readonly RoomListEntry[]> {
  const rooms = await listVisibleRooms({ store }, actor);
  const states = await store.markers.getMany({ user: actor.id, rooms: rooms.map((room) => room.id) });
  return rooms.map((room) => {
    const { role, mutedUntil, unread, mentions } = states.get(room.id) ?? NO_MEMBER_STATE;
    return { ...toPublicRoom(room), role, mutedUntil, unread, mentions };
  });
}

/** Returns the rooms that a user gains or loses together with staff status. */
export async function listStaffOnlyRooms(
  { store }: Pick<Context, "store">,
  { id }: Pick<Actor, "id">,
): Promise<readonly Room[]> {
  const rooms = await store.rooms.list();
  return rooms.filter((room) => room.staffOnly && canSeeRoom({ id, staff: true }, room)).map(toPublicRoom);
}
