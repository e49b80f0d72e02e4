import { Refusal } from "../access/refusal.ts";
import type { Context } from "../context.ts";
import type { MemberChangeResult } from "../store/store.ts";

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
        const member = await store.members.find({ room: room.id, user });
        await broadcasts.publishMemberChange(room, user, member ?? null);
        if (event.on === "member.joined") {
          await broadcasts.publishReadMarker(user, room.id, await store.markers.get({ user, room: room.id }));
        }
        await broadcasts.publishLogEventOnce(room, event);
        await broadcasts.flush();
      }
      return { seq };
    }
  }
}
