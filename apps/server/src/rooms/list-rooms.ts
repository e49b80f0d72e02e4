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
  const { rooms, states } = await readVisibleRooms(context, actor);
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
  const { rooms, states } = await readVisibleRooms(context, actor);
  const entries = rooms.map((room) => {
    const { role, mutedUntil, unread, mentions } = states.get(room.id)?.state ?? NO_MEMBER_STATE;
    // As `listRooms` returns it; the numbers and the role need no escaping.
    const state = `"role":${role === null ? "null" : `"${role}"`},"mutedUntil":${mutedUntil},"unread":${unread},"mentions":${mentions}`;
    return `${stringifyPublicRoom(room).slice(0, -1)},${state}}`;
  });
  return new JsonText(`[${entries.join(",")}]`);
}

/** Returns the visible rooms without those that the actor has lost while the counts were read. */
async function readVisibleRooms(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff" | "operator">,
): Promise<{ readonly rooms: readonly Room[]; readonly states: ReadonlyMap<string, CountedState> }> {
  const rooms = await listVisibleRooms(context, actor);
  const states = await context.store.markers.getMany({ user: actor.id, rooms: rooms.map(({ id }) => id) });
  const visible = new Set((await listVisibleRooms(context, actor)).map(({ id }) => id));
  return { rooms: rooms.filter(({ id }) => visible.has(id)), states };
}

/** Returns the rooms that a user gains or loses together with staff status. */
export async function listStaffOnlyRooms(
  { store }: Pick<Context, "store">,
  { id }: Pick<Actor, "id">,
): Promise<readonly Room[]> {
  const rooms = await store.rooms.list();
  return rooms.filter((room) => room.staffOnly && canSeeRoom({ id, staff: true }, room)).map(toPublicRoom);
}
