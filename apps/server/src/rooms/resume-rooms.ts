import type { HistoryPage, ResumedRoom } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { defaultPageSize } from "../messages/index.ts";
import type { StoredRoom } from "../store/store.ts";
import { type CatchUpQuery, collectMessages, countChars, MAX_ANSWER_CHARS } from "./catch-up.ts";
import { type JoinRoom, type RoomSubscription, toJoinedRoom, toSubscribedRoom } from "./join-room.ts";
import { readAnswers } from "./read-answers.ts";
import type { SubscribedRoom } from "./subscribed-room.ts";

export interface ResumeRooms extends RoomSubscription, Pick<JoinRoom, "pages" | "missed"> {
  /** By room id, the last seq that the client has. */
  readonly rooms: Readonly<Record<string, number>>;
  /** The epoch of the database that these seqs belong to. */
  readonly epoch: string;
}

/**
 * Rooms that are read together: their reads travel to the database at once. Few enough that what is read and then does not fit
 * into the answer stays small.
 */
const ROOMS_AT_ONCE = 25;

/** The page of rooms that no longer fit into the answer. The client reads them when the user opens them. */
const EMPTY_PAGE: HistoryPage = { messages: [], hasBefore: true, hasAfter: false };

/** Joins rooms again after a reconnect and returns what was missed in each. */
export async function resumeRooms(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  { rooms, epoch, pages, missed, subscribe, unsubscribe }: ResumeRooms,
): Promise<{ readonly rooms: Readonly<Record<string, ResumedRoom>>; readonly epoch: string }> {
  const isSameEpoch = epoch === context.store.epoch;
  const wanted = Object.entries(rooms).map(([id, seq]) => ({ id, since: isSameEpoch ? seq : undefined }));
  const query = { limit: defaultPageSize(context.limits), pages, missed };
  const resumed: [string, ResumedRoom][] = [];
  let chars = 0;
  for (let from = 0; from < wanted.length; from += ROOMS_AT_ONCE) {
    const some = wanted.slice(from, from + ROOMS_AT_ONCE);
    const answers = await resumeBatch(context, actor, some, { query, subscription: { subscribe, unsubscribe } });
    for (const [index, answer] of answers.entries()) {
      chars += "gone" in answer ? 0 : countChars(collectMessages(answer));
      resumed.push([some[index]?.id ?? "", chars > MAX_ANSWER_CHARS ? withoutMessages(answer) : answer]);
    }
  }
  return { rooms: Object.fromEntries(resumed), epoch: context.store.epoch };
}

/** Returns an answer for each room, in their order. */
async function resumeBatch(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  wanted: readonly { readonly id: string; readonly since: number | undefined }[],
  parts: { readonly query: CatchUpQuery; readonly subscription: RoomSubscription },
): Promise<readonly ResumedRoom[]> {
  const { query, subscription } = parts;
  const present: { readonly found: StoredRoom; readonly room: SubscribedRoom }[] = [];
  const pending = new Set<StoredRoom>();
  try {
    for (const { id, since } of wanted) {
      const found = await findResumable(context, actor, id);
      if (found === undefined || !(await isSubscribed(subscription.subscribe(found)))) continue;
      pending.add(found);
      present.push({ found, room: await toSubscribedRoom(context, found, since) });
    }
    const subscribed = present.map(({ room }) => room);
    const answers = new Map<string, ResumedRoom>();
    for (const [index, answer] of (await readAnswers(context, actor.id, subscribed, query)).entries()) {
      const found = present[index]?.found;
      if (found === undefined) throw new Error("expected an answer for each room");
      const joined = await orUndefined(toJoinedRoom(context, actor, found, answer));
      if (joined === undefined) await subscription.unsubscribe(found);
      else answers.set(found.id, joined);
      pending.delete(found);
    }
    return wanted.map(({ id }) => answers.get(id) ?? { gone: true });
  } catch (error) {
    for (const found of pending) await subscription.unsubscribe(found);
    throw error;
  }
}

/** By id only, not by number: the ids are the keys of the answer. */
async function findResumable(
  { store }: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff">,
  id: string,
): Promise<StoredRoom | undefined> {
  const room = await store.rooms.find(id);
  return room?.id === id && canSeeRoom(actor, room) ? room : undefined;
}

async function isSubscribed(subscription: Promise<void>): Promise<boolean> {
  return (await orUndefined(subscription.then(() => true))) ?? false;
}

/** Returns undefined where the room is not visible any more. */
async function orUndefined<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Refusal && error.code === "ROOM_INVALID") return undefined;
    throw error;
  }
}

function withoutMessages(answer: ResumedRoom): ResumedRoom {
  if ("gone" in answer || collectMessages(answer).length === 0) return answer;
  const { room, state } = answer;
  return { reset: true, page: EMPTY_PAGE, room, state };
}
