import type { Message, RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { appendMessage } from "./append-message.ts";
import type { Context } from "./context.ts";

export interface PostMessage {
  readonly room: RoomAddress;
  /** The client's name for the message: the same one again is answered with the first message, and posts nothing. */
  readonly clientId: string;
  /** Checked by the schema of the door that it came in by. */
  readonly body: string;
}

/**
 * The message is committed, synced to disk and on its way to the room when this resolves.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED; UNAVAILABLE when the room never stood still.
 */
export async function postMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Pick<Actor, "id" | "username" | "staff">,
  { room: address, clientId, body }: PostMessage,
): Promise<{ readonly seq: number; readonly message: Message }> {
  const { room, appended } = await appendMessage(context, actor, address, {
    author: { id: actor.id, username: actor.username },
    clientId,
    kind: "message",
    body,
  });
  // Handed to the layer in the order of the commits; nobody waits here for its way through the layer.
  if (appended.outcome === "appended") await context.broadcasts.logged(room, appended.event);
  return { seq: appended.message.seq, message: appended.message };
}
