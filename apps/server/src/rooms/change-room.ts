import type { Room, RoomAddress, RoomPatch } from "@multichat/protocol";
import { operatorSource, toActorRef } from "../access/operator.ts";
import { canChangeRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import { loadRoomAccess, type RoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { publishMembership } from "../members/index.ts";
import { toAuthor } from "../people/index.ts";

export interface ChangeRoom {
  readonly room: RoomAddress;
  readonly changes: { readonly [K in keyof RoomPatch]?: RoomPatch[K] | undefined };
}

/** Changes the given properties of a room. @throws Refusal ROOM_INVALID, FORBIDDEN. */
export async function changeRoom(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, changes }: ChangeRoom,
): Promise<Room> {
  const { store, broadcasts } = context;
  // Visibility first: FORBIDDEN would reveal that the room exists.
  const access = await loadRoomAccess(context, actor, address);
  const { room, member } = access;
  if (!canChangeRoom(actor, room, member, changes)) throw new Refusal("FORBIDDEN");
  if (changes.kind === "private") await keepActorAsOwner(context, actor, access);
  const changed = await store.rooms.change({
    room: room.id,
    changes: withoutUndefined(changes),
    by: toActorRef(actor),
    audit: operatorSource(actor),
  });
  if (changed === undefined) throw new Refusal("ROOM_INVALID");
  if (changed.event !== undefined) {
    // Evictions first, so that users who lose the room do not receive its event.
    await broadcasts.publishRoomChange(changed.room);
    await broadcasts.publishLogEventOnce(changed.room, changed.event);
    await broadcasts.flush();
  }
  return toPublicRoom(changed.room);
}

/** Keeps the actor in a room that becomes private, as an owner unless they are a member already. It could have no owner otherwise. */
async function keepActorAsOwner(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room }: RoomAccess,
): Promise<void> {
  const by = toActorRef(actor);
  if (room.kind === "private" || by === null) return;
  const added = await context.store.members.add({ room: room.id, user: toAuthor(actor), role: "owner", by });
  await publishMembership(context, actor.id, added);
}

function withoutUndefined({
  title,
  topic,
  staffOnly,
  archived,
  kind,
  slowModeSeconds,
}: ChangeRoom["changes"]): RoomPatch {
  return {
    ...(title === undefined ? {} : { title }),
    ...(topic === undefined ? {} : { topic }),
    ...(staffOnly === undefined ? {} : { staffOnly }),
    ...(archived === undefined ? {} : { archived }),
    ...(kind === undefined ? {} : { kind }),
    ...(slowModeSeconds === undefined ? {} : { slowModeSeconds }),
  };
}
