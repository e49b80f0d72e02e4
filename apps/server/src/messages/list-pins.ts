import type { RoomAddress } from "@multichat/protocol";
import { JsonText } from "../access/json-text.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns the pinned messages of a room as JSON, most recently pinned first. @throws Refusal ROOM_INVALID. */
export async function listPins(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<JsonText> {
  const room = await getVisibleRoom({ store }, actor, address);
  return new JsonText(await store.messages.listPinnedJson({ room: room.id, viewer: actor.id }));
}
