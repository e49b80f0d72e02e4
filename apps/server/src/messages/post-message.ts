import type { Message, RoomAddress } from "@multichat/protocol";
import { canMentionAll, isSubjectToSlowMode } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { assertCanWrite, loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

export interface PostMessage {
  readonly room: RoomAddress;
  /** The client's name for the message: the same one again is answered with the first message, and posts nothing. */
  readonly clientId: string;
  /** Checked by the schema of the door that it came in by. */
  readonly body: string;
  /** The id of the message that it answers. */
  readonly replyTo?: string | undefined;
}

/**
 * The message is committed, synced to disk and on its way to the room when this resolves.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED, SLOW_MODE, MESSAGE_NOT_FOUND (of `replyTo`); UNAVAILABLE when the
 * room never stood still.
 */
export async function postMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { room: address, clientId, body, replyTo }: PostMessage,
): Promise<{ readonly seq: number; readonly message: Message }> {
  const appended = await retryIfStale(async () => {
    const standing = await loadRoomAccess(context, actor, address);
    const { room, member } = standing;
    try {
      assertCanWrite(actor, standing);
    } catch (refusal) {
      // Asked again after a lost reply, it is there already, whatever has become of the person or the room meanwhile.
      const message = await context.store.messages.findByClientId({ room: room.id, author: actor.id, clientId });
      if (message === undefined) throw refusal;
      return { outcome: "repeated", message, room } as const;
    }
    const mayMentionAll =
      mentionsEveryone(body) && canMentionAll(actor, room, member, await context.store.settings.get());
    const done = await context.store.messages.append({
      room: room.id,
      accessVersion: room.accessVersion,
      author: { id: actor.id, username: actor.username },
      clientId,
      kind: "message",
      body,
      replyTo,
      canMentionAll: mayMentionAll,
      ...(isSubjectToSlowMode(actor, room, member) ? { slowModeSeconds: room.slowModeSeconds } : {}),
    });
    return { ...done, room };
  });
  switch (appended.outcome) {
    case "unknown":
      throw new Refusal("MESSAGE_NOT_FOUND", "The message that this one answers is not in this room.");
    case "slow":
      throw new Refusal("SLOW_MODE", undefined, { retryAfter: Math.ceil(appended.retryAfterMs / 100) / 10 });
    case "repeated":
      break;
    case "appended":
      // Handed to the layer in the order of the commits; nobody waits here for its way through the layer.
      await context.broadcasts.publishLogEvent(appended.room, appended.event);
  }
  return { seq: appended.message.seq, message: appended.message };
}

/** Whether it takes a look at the settings. Generously: what the store then finds in it is what counts. */
export function mentionsEveryone(body: string): boolean {
  return /@all/i.test(body);
}
