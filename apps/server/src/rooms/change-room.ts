import type { Room, RoomAddress, RoomPatch } from "@multichat/protocol";
import { operatorSource, toActorRef } from "../access/operator.ts";
import { canChangeRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { loadRoomAccess, type RoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { publishMembership } from "../members/index.ts";
import { toAuthor } from "../people/index.ts";
import type { StaleChange, StoredRoom } from "../store/store.ts";

export interface ChangeRoom {
  readonly room: RoomAddress;
  readonly changes: { readonly [K in keyof RoomPatch]?: RoomPatch[K] | undefined };
}

/** Changes the given properties of a room. @throws Refusal ROOM_INVALID, FORBIDDEN, UNAVAILABLE. */
export async function changeRoom(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  change: ChangeRoom,
): Promise<Room> {
  const { broadcasts } = context;
  const changed = await retryIfStale(() => apply(context, actor, change));
  if (changed.outcome === "unknown") throw new Refusal("ROOM_INVALID");
  if (changed.event !== undefined) {
    // Evictions first, so that users who lose the room do not receive its event.
    await broadcasts.publishRoomChange(changed.room);
    await broadcasts.publishLogEventOnce(changed.room, changed.event);
    await broadcasts.flush();
  }
  return toPublicRoom(changed.room);
}

async function apply(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, changes }: ChangeRoom,
) {
  // Visibility first: FORBIDDEN would reveal that the room exists.
  const access = await loadRoomAccess(context, actor, address);
  const { room, member } = access;
  if (!canChangeRoom(actor, room, member, changes)) throw new Refusal("FORBIDDEN");
  const current = changes.kind === "private" ? await keepActorAsOwner(context, actor, access) : room;
  if ("outcome" in current) return current;
  return await context.store.rooms.change({
    room: room.id,
    accessVersion: current.accessVersion,
    changes: withoutUndefined(changes),
    by: toActorRef(actor),
    audit: operatorSource(actor),
  });
}

/**
 * Keeps the actor in a room that becomes private, as an owner unless they are a member already. It could have no owner otherwise.
 * Returns the room afterwards.
 */
async function keepActorAsOwner(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room }: RoomAccess,
): Promise<StoredRoom | StaleChange> {
  const by = toActorRef(actor);
  if (room.kind === "private" || by === null) return room;
  const { id, accessVersion } = room;
  const added = await context.store.members.add({ room: id, accessVersion, user: toAuthor(actor), role: "owner", by });
  if (added.outcome === "stale") return added;
  await publishMembership(context, actor.id, added);
  return added.outcome === "changed" ? added.room : room;
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
