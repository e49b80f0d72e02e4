import type { Message, RoomAddress } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canPin } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { assertNotArchived } from "../access/room-access.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { changeMessage, type MessageAddress } from "./change-message.ts";

/**
 * Pins a message, or takes the pin out: by moderators; in a direct conversation by both. What is so already stays so.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MESSAGE_NOT_FOUND, ROOM_ACCESS_DENIED, LIMIT_EXCEEDED, UNAVAILABLE.
 */
export async function pinMessage(
  context: Pick<Context, "store" | "broadcasts" | "limits">,
  actor: Actor,
  { pinned, ...on }: MessageAddress & { readonly pinned: boolean },
): Promise<{ readonly seq: number }> {
  const full = `A room has at most ${context.limits.pinsPerRoom} pins; take one out first.`;
  const { seq } = await changeMessage(
    context,
    actor,
    on,
    async ({ access: { room, member }, message, ref: at }) => {
      if (pinned && message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
      assertNotArchived(actor, room);
      if (!canPin(actor, room, member)) {
        throw new Refusal("ROOM_ACCESS_DENIED", "Messages are pinned by moderators of the room.");
      }
      return await context.store.messages.setPinned({ ref: at, pinned, by: toActorRef(actor) });
    },
    full,
  );
  return { seq };
}

/** Newest pin first. @throws Refusal ROOM_INVALID. */
export async function listPins(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<readonly Message[]> {
  const room = await getVisibleRoom({ store }, actor, address);
  return await store.messages.listPinned({ room: room.id, viewer: actor.id });
}
