import type { RoomAddress, RoomNotifyLevel, RoomPreference } from "@multichat/protocol";
import { getVisibleRoom, listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns what the actor has set for rooms, without those that the actor cannot see now. */
export async function listPreferences(
  { store }: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff">,
): Promise<{ readonly preferences: readonly RoomPreference[] }> {
  const all = await store.preferences.list({ user: actor.id });
  const set = all.filter(({ notify, starred }) => starred || notify !== "default");
  // Most users have set nothing, and every client asks after each connection.
  if (set.length === 0) return { preferences: [] };
  const visible = new Set((await listVisibleRooms({ store }, actor)).map(({ id }) => id));
  return { preferences: set.filter(({ room }) => visible.has(room)) };
}

interface PreferenceChange {
  readonly room: RoomAddress;
  readonly notify?: RoomNotifyLevel | undefined;
  readonly starred?: boolean | undefined;
}

/**
 * Changes what the actor has set for a room, and publishes it to the actor's other devices.
 * @throws Refusal ROOM_INVALID.
 */
export async function setPreference(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Pick<Actor, "id" | "staff">,
  { room: address, notify, starred }: PreferenceChange,
): Promise<RoomPreference> {
  const room = await getVisibleRoom({ store }, actor, address);
  const preference = await store.preferences.set({ user: actor.id, room: room.id, notify, starred });
  await broadcasts.publishPreference(actor.id, preference);
  return preference;
}
