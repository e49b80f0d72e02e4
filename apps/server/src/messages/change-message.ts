import type { Message, RoomAddress } from "@multichat/protocol";
import { toIdempotencyKey } from "../access/idempotency.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { loadRoomAccess, type RoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { MessageChangeResult, MessageRef } from "../store/store.ts";

/** Addresses a message as the interfaces do. */
export interface MessageAddress {
  readonly room: RoomAddress;
  /** The message's id. */
  readonly message: string;
  /** The client's id of the change. */
  readonly clientId?: string | undefined;
}

export interface LoadedMessage {
  readonly access: RoomAccess;
  /** May be deleted. */
  readonly message: Message;
  /** For the store, with the access version that the policies decide on. */
  readonly ref: MessageRef;
}

export interface MessageChange {
  /** Checks the policies and writes. Repeated while its result is `stale`. */
  readonly apply: (loaded: LoadedMessage) => Promise<MessageChangeResult>;
  /** The refusal's text where the change would exceed a limit. */
  readonly limitMessage?: string;
}

/**
 * Loads a message, applies a change and publishes the resulting event.
 * @throws Refusal ROOM_INVALID, MESSAGE_NOT_FOUND, MESSAGE_CHANGED, LIMIT_EXCEEDED, UNAVAILABLE; whatever `apply` throws.
 */
export async function changeMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  address: MessageAddress,
  { apply, limitMessage }: MessageChange,
): Promise<{ readonly seq: number; readonly message: Message; readonly isRepeat: boolean }> {
  const changed = await retryIfStale(async () => {
    const loaded = await loadMessage(context, actor, address);
    return { ...(await apply(loaded)), room: loaded.access.room };
  });
  switch (changed.outcome) {
    case "unknown":
      throw new Refusal("MESSAGE_NOT_FOUND");
    case "conflict":
      throw new Refusal("MESSAGE_CHANGED");
    case "full":
      throw new Refusal("LIMIT_EXCEEDED", limitMessage);
    case "changed":
      if (changed.event !== undefined) await context.broadcasts.publishLogEvent(changed.room, changed.event);
      return { seq: changed.seq, message: changed.message, isRepeat: changed.isRepeat ?? false };
  }
}

/** @throws Refusal ROOM_INVALID, MESSAGE_NOT_FOUND. */
export async function loadMessage(
  context: Pick<Context, "store">,
  actor: Actor,
  { room: address, message: id, clientId }: MessageAddress,
): Promise<LoadedMessage> {
  const access = await loadRoomAccess(context, actor, address);
  const { room } = access;
  const message = await context.store.messages.find({ room: room.id, message: id, viewer: actor.id });
  if (message === undefined) throw new Refusal("MESSAGE_NOT_FOUND");
  const idempotencyKey = toIdempotencyKey(actor, clientId);
  return { access, message, ref: { room: room.id, accessVersion: room.accessVersion, message: id, idempotencyKey } };
}
