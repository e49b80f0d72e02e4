import type { Message, RoomAddress } from "@multichat/protocol";
import { findMentionCandidates, MENTION_ALL, type MentionCandidates } from "@multichat/protocol/markup";
import { canMentionAll, isSubjectToSlowMode } from "../access/policies/messages.ts";
import { Refusal } from "../access/refusal.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import { assertCanWrite, loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { PostOrder, PostPlace } from "./post-order.ts";

export interface PostMessage {
  readonly room: RoomAddress;
  /** The client's id of the message. A retry with the same id returns the first message and posts nothing. */
  readonly clientId: string;
  /** Validated by the interface's schema. */
  readonly body: string;
  /** The id of the message that this one replies to. */
  readonly replyTo?: string | undefined;
  /** Ids of the author's uploads to the room that are in no message yet. */
  readonly files?: readonly string[] | undefined;
  /**
   * Keeps the message behind the earlier ones of its sender.
   * @default messages that are posted at the same time are in any order
   */
  readonly order?: PostOrder;
}

/**
 * Posts a message. When this resolves, the message is committed, synced to disk and handed to the layer.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, PERSON_DEACTIVATED, MEMBER_MUTED, SLOW_MODE, UNAVAILABLE; MESSAGE_NOT_FOUND for
 * `replyTo`; FILE_NOT_FOUND for `files`.
 */
export async function postMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  message: PostMessage,
): Promise<{ readonly seq: number; readonly message: Message }> {
  const mentionCandidates = findMentionCandidates(message.body);
  const place = message.order?.place();
  const result = await retryIfStale(() => append(context, actor, { ...message, mentionCandidates, place })).finally(
    () => place?.release(),
  );
  switch (result.outcome) {
    case "unknown":
      throw new Refusal(
        "MESSAGE_NOT_FOUND",
        "The message that this one replies to is not in this room, or was deleted.",
      );
    case "file-unknown":
      throw new Refusal("FILE_NOT_FOUND");
    case "slow":
      throw new Refusal("SLOW_MODE", undefined, { retryAfter: Math.ceil(result.retryAfterMs / 100) / 10 });
    case "repeated":
      break;
    case "appended":
      // Handed to the layer in commit order. Delivery is not waited for.
      await context.broadcasts.publishLogEvent(result.room, result.event);
  }
  return { seq: result.message.seq, message: result.message };
}

interface Attempt {
  readonly mentionCandidates: MentionCandidates;
  readonly place: PostPlace | undefined;
}

async function append(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address, clientId, body, replyTo, files = [], mentionCandidates, place }: PostMessage & Attempt,
) {
  const access = await loadRoomAccess({ store }, actor, address);
  const isNext = place?.take(access.room.id, access.room.accessVersion);
  if (isNext !== undefined) await isNext;
  const { room, member } = access;
  try {
    assertCanWrite(actor, access);
  } catch (refusal) {
    // A retry whose first attempt was committed succeeds, even if the author can no longer write.
    const message = await store.messages.findByClientId({ room: room.id, author: actor.id, clientId });
    if (message === undefined) throw refusal;
    return { outcome: "repeated", message, room } as const;
  }
  const result = await store.messages.append({
    room: room.id,
    accessVersion: room.accessVersion,
    author: { id: actor.id, username: actor.username },
    clientId,
    kind: "message",
    body,
    replyTo,
    ...(files.length === 0 ? {} : { files }),
    mentionCandidates,
    canMentionAll: mentionsAll(mentionCandidates) && canMentionAll(actor, room, member, await store.settings.get()),
    ...(isSubjectToSlowMode(actor, room, member) ? { slowModeSeconds: room.slowModeSeconds } : {}),
  });
  return { ...result, room };
}

/** Whether a message may address all members, so that the settings have to be read before it is written. */
export function mentionsAll(candidates: MentionCandidates): boolean {
  return candidates.some((names) => names.includes(MENTION_ALL));
}
