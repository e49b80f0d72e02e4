import type { HistoryPage, ResumedRoom } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { defaultPageSize } from "../messages/index.ts";
import { collectMessages, countChars, MAX_ANSWER_CHARS } from "./catch-up.ts";
import { type JoinRoom, joinRoom } from "./join-room.ts";

export interface ResumeRooms extends Pick<JoinRoom, "pages" | "subscribe" | "unsubscribe"> {
  /** By room id, the last seq that the client has. */
  readonly rooms: Readonly<Record<string, number>>;
  /** The epoch of the database that these seqs belong to. */
  readonly epoch: string;
}

/** The page of rooms that no longer fit into the answer. The client reads them when the user opens them. */
const EMPTY_PAGE: HistoryPage = { messages: [], hasBefore: true, hasAfter: false };

/**
 * Joins rooms again after a reconnect and returns what was missed in each. Reads one room after another, so that many clients
 * that reconnect at once share the database.
 */
export async function resumeRooms(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  { rooms, epoch, pages, subscribe, unsubscribe }: ResumeRooms,
): Promise<{ readonly rooms: Readonly<Record<string, ResumedRoom>>; readonly epoch: string }> {
  const isSameEpoch = epoch === context.store.epoch;
  const resumed: [string, ResumedRoom][] = [];
  let chars = 0;
  for (const [id, seq] of Object.entries(rooms)) {
    const since = isSameEpoch ? seq : undefined;
    const answer = await resumeRoom(context, actor, {
      room: id,
      since,
      limit: defaultPageSize(context.limits),
      pages,
      subscribe,
      unsubscribe,
    });
    chars += "gone" in answer ? 0 : countChars(collectMessages(answer));
    resumed.push([id, chars > MAX_ANSWER_CHARS ? withoutMessages(answer) : answer]);
  }
  return { rooms: Object.fromEntries(resumed), epoch: context.store.epoch };
}

async function resumeRoom(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  join: JoinRoom & { readonly room: string },
): Promise<ResumedRoom> {
  try {
    const room = await context.store.rooms.find(join.room);
    // By id only, not by number: the ids are the keys of the answer.
    if (room?.id !== join.room) return { gone: true };
    return await joinRoom(context, actor, join);
  } catch (error) {
    if (error instanceof Refusal && error.code === "ROOM_INVALID") return { gone: true };
    throw error;
  }
}

function withoutMessages(answer: ResumedRoom): ResumedRoom {
  if ("gone" in answer || collectMessages(answer).length === 0) return answer;
  const { room, state } = answer;
  return { reset: true, page: EMPTY_PAGE, room, state };
}
