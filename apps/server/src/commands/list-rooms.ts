import type { MemberState, Room, RoomListEntry } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canSeeRoom } from "../policies/rooms.ts";
import type { Context } from "./context.ts";
import { publicRoom } from "./visible-room.ts";

const UNSEEN: MemberState = { readSeq: 0, unread: 0, mentions: 0 };

/** The rooms that exist for this person, by number, archived ones too, each with what is unread in it. */
export async function listRooms(
  { store }: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff">,
): Promise<readonly RoomListEntry[]> {
  const rooms = (await store.rooms.all()).filter((room) => canSeeRoom(actor, room));
  const states = await store.markers.ofAll(
    actor.id,
    rooms.map((room) => room.id),
  );
  return rooms.map((room) => {
    const { unread, mentions } = states.get(room.id) ?? UNSEEN;
    return { ...publicRoom(room), unread, mentions };
  });
}

/** The rooms that staff alone can see: what a staff flag, given or taken, changes in somebody's list. */
export async function staffRooms({ store }: Pick<Context, "store">): Promise<readonly Room[]> {
  return (await store.rooms.all()).filter((room) => room.staffOnly).map(publicRoom);
}
