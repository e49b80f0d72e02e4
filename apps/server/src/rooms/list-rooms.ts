import type { MemberState, Room, RoomListEntry } from "@multichat/protocol";
import { JsonText } from "../access/json-text.ts";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { stringifyPublicRoom, toPublicRoom } from "../access/public-room.ts";
import { listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { CountedState } from "../store/store.ts";

const NO_MEMBER_STATE: MemberState = { role: null, mutedUntil: null, readSeq: 0, unread: 0, mentions: 0 };

/** Returns the visible rooms by number, including archived ones, each with the actor's role and unread counts. */
export async function listRooms(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff" | "operator">,
): Promise<readonly RoomListEntry[]> {
  const rooms = await listVisibleRooms(context, actor);
  const states = await findStates(context, actor, rooms);
  return rooms.map((room) => {
    const { role, mutedUntil, unread, mentions } = states.get(room.id)?.state ?? NO_MEMBER_STATE;
    return { ...toPublicRoom(room), role, mutedUntil, unread, mentions };
  });
}

/** Returns the same list as JSON, for an answer. */
export async function listRoomsJson(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff" | "operator">,
): Promise<JsonText> {
  const rooms = await listVisibleRooms(context, actor);
  const states = await findStates(context, actor, rooms);
  const entries = rooms.map((room) => {
    const { role, mutedUntil, unread, mentions } = states.get(room.id)?.state ?? NO_MEMBER_STATE;
    // As `listRooms` returns it; the numbers and the role need no escaping.
    const state = `"role":${role === null ? "null" : `"${role}"`},"mutedUntil":${mutedUntil},"unread":${unread},"mentions":${mentions}`;
    return `${stringifyPublicRoom(room).slice(0, -1)},${state}}`;
  });
  return new JsonText(`[${entries.join(",")}]`);
}

function findStates(
  { store }: Pick<Context, "store">,
  { id }: Pick<Actor, "id">,
  rooms: readonly Room[],
): Promise<ReadonlyMap<string, CountedState>> {
  return store.markers.getMany({ user: id, rooms: rooms.map((room) => room.id) });
}

/** Returns the rooms that a user gains or loses together with staff status. */
export async function listStaffOnlyRooms(
  { store }: Pick<Context, "store">,
  { id }: Pick<Actor, "id">,
): Promise<readonly Room[]> {
  const rooms = await store.rooms.list();
  return rooms.filter((room) => room.staffOnly && canSeeRoom({ id, staff: true }, room)).map(toPublicRoom);
}
