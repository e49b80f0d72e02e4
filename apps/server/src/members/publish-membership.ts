import type { Member } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { Context } from "../context.ts";
import { isAdmitted } from "../fan-out/last-broadcast-rooms.ts";
import type { MemberChangeResult, StoredRoom } from "../store/store.ts";

/**
 * Publishes the result of a membership change: first to the user, who gains or loses the room by it, then to the room.
 * @throws Refusal MEMBER_BANNED, LAST_OWNER; ROOM_INVALID for a room that was deleted during the change.
 */
export async function publishMembership(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  user: string,
  result: MemberChangeResult,
): Promise<{ readonly seq: number }> {
  switch (result.outcome) {
    case "unknown":
      throw new Refusal("ROOM_INVALID");
    case "banned":
      throw new Refusal("MEMBER_BANNED");
    case "last-owner":
      throw new Refusal("LAST_OWNER");
    case "changed": {
      const { room, event, seq } = result;
      if (event !== undefined) {
        try {
          await publishAdmission({ store, broadcasts }, user, room);
          if (event.on === "member.joined") {
            await broadcasts.publishReadMarker(user, room.id, await store.markers.get({ user, room: room.id }));
          }
        } finally {
          // It is committed, and a repeated command would find nothing to publish.
          await broadcasts.publishLogEventOnce(room, event);
          await broadcasts.flush();
        }
      }
      return { seq };
    }
  }
}

/** A user who has lost the room loses it without a look-up, which could fail: a repeated command would find nothing to change. */
async function publishAdmission(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  user: string,
  room: StoredRoom,
): Promise<void> {
  if (!isAdmitted(room, user)) {
    await broadcasts.publishMemberChange(room, user, null);
    return;
  }
  let member: Member | undefined;
  try {
    member = await store.members.find({ room: room.id, user });
  } catch (error) {
    // Without the role and a mute, which clients read with the next list.
    await broadcasts.publishRoomChange(room);
    throw error;
  }
  // Another process may have taken the room away meanwhile.
  const current = (await store.rooms.find(room.id)) ?? room;
  await broadcasts.publishMemberChange(current, user, member ?? null);
}
