import type { Room, RoomAddress, RoomPatch } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
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

/** @throws Refusal ROOM_INVALID; FORBIDDEN. */
export async function changeRoom(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, changes }: ChangeRoom,
): Promise<Room> {
  const { store, broadcasts } = context;
  // First whether the room exists for this person: FORBIDDEN would tell that it does.
  const standing = await loadRoomAccess(context, actor, address);
  const { room, member } = standing;
  if (!canChangeRoom(actor, room, member, changes)) throw new Refusal("FORBIDDEN");
  if (changes.kind === "private") await keepActorAsOwner(context, actor, standing);
  const changed = await store.rooms.change({
    room: room.id,
    changes: withoutUndefined(changes),
    by: toActorRef(actor),
  });
  if (changed === undefined) throw new Refusal("ROOM_INVALID");
  if (changed.event !== undefined) {
    // First who may hear the room from now on, then what happened in it: those who lose it do not hear why.
    await broadcasts.publishRoomChange(changed.room);
    await broadcasts.publishLogEventOnce(changed.room, changed.event);
    await broadcasts.flush();
  }
  return toPublicRoom(changed.room);
}

/** Who closes a room is one of those inside, as what they are already or as its owner: it would otherwise be nobody's. */
async function keepActorAsOwner(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room }: RoomAccess,
): Promise<void> {
  if (room.kind === "private" || toActorRef(actor) === null) return;
  const added = await context.store.members.add({
    room: room.id,
    user: toAuthor(actor),
    role: "owner",
    by: toActorRef(actor),
  });
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
