import type { Message, RoomAddress } from "@multichat/protocol";
import { toIdempotencyKey } from "../access/idempotency.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { loadRoomAccess, type RoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { MessageChangeResult, MessageRef as OnStoredMessage } from "../store/store.ts";

/** A message, as the doors address it. */
export interface MessageAddress {
  readonly room: RoomAddress;
  /** Its id. */
  readonly message: string;
  /** The client's name for what is done to it. */
  readonly clientId?: string | undefined;
}

export interface LoadedMessage {
  readonly access: RoomAccess;
  /** As it is now; deleted ones too. */
  readonly message: Message;
  /** For the store: with the rights version that the policy is asked with. */
  readonly ref: OnStoredMessage;
}

/**
 * The frame of everything that is done to a message: the room is looked up, `work` asks the policy and writes, and what
 * came of it goes to the room.
 *
 * @throws Refusal ROOM_INVALID, MESSAGE_NOT_FOUND, UNAVAILABLE; what `work` throws. `full` is the caller's to word.
 */
export async function changeMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  on: MessageAddress,
  work: (at: LoadedMessage) => Promise<MessageChangeResult>,
  full = "There is no more room for this.",
): Promise<{ readonly seq: number; readonly message: Message }> {
  const changed = await retryIfStale(async () => {
    const at = await loadMessage(context, actor, on);
    return { ...(await work(at)), room: at.access.room };
  });
  switch (changed.outcome) {
    case "unknown":
      throw new Refusal("MESSAGE_NOT_FOUND");
    case "full":
      throw new Refusal("LIMIT_EXCEEDED", full);
    case "changed":
      if (changed.event !== undefined) await context.broadcasts.publishLogEvent(changed.room, changed.event);
      return { seq: changed.seq, message: changed.message };
  }
}

/** @throws Refusal ROOM_INVALID, MESSAGE_NOT_FOUND. */
export async function loadMessage(
  context: Pick<Context, "store">,
  actor: Actor,
  { room: address, message: id, clientId }: MessageAddress,
): Promise<LoadedMessage> {
  const standing = await loadRoomAccess(context, actor, address);
  const { room } = standing;
  const message = await context.store.messages.find({ room: room.id, message: id, viewer: actor.id });
  if (message === undefined) throw new Refusal("MESSAGE_NOT_FOUND");
  return {
    access: standing,
    message,
    ref: {
      room: room.id,
      accessVersion: room.accessVersion,
      message: id,
      idempotencyKey: toIdempotencyKey(actor, clientId),
    },
  };
}
