import type { RoomAddress } from "@multichat/protocol";
import { JsonText } from "../access/json-text.ts";
import { readVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns the pinned messages of a room as JSON, most recently pinned first. @throws Refusal ROOM_INVALID. */
export async function listPins(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<JsonText> {
  const text = await readVisibleRoom({ store }, actor, address, ({ id }) =>
    store.messages.listPinnedJson({ room: id, viewer: actor.id }),
  );
  return new JsonText(text);
}
