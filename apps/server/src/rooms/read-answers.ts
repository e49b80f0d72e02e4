import type { CatchUp, MemberState } from "@multichat/protocol";
import type { Context } from "../context.ts";
import { type CatchUpQuery, readCatchUps } from "./catch-up.ts";
import type { SubscribedRoom } from "./subscribed-room.ts";

/** What was missed in a room, complete up to `lastSeq`, and the user's state in it, with the counts as of `lastSeq`. */
export interface RoomAnswer {
  readonly lastSeq: number;
  readonly catchUp: CatchUp;
  readonly state: MemberState;
}

/** Of a room that was deleted meanwhile. */
const NO_STATE: MemberState = { role: null, mutedUntil: null, readSeq: 0, unread: 0, mentions: 0 };

/** Returns an answer for each room, in their order. */
export async function readAnswers(
  context: Pick<Context, "store" | "limits">,
  user: string,
  rooms: readonly SubscribedRoom[],
  query: CatchUpQuery,
): Promise<readonly RoomAnswer[]> {
  const [states, catchUps] = await Promise.all([
    context.store.markers.getMany({ user, rooms: rooms.map(({ id }) => id) }),
    readCatchUps(context, user, rooms, query),
  ]);
  return Promise.all(
    rooms.map(async (room, index) => {
      const catchUp = catchUps[index];
      if (catchUp === undefined) throw new Error(`expected what was missed in room ${room.id}`);
      const { lastSeq, state } = states.get(room.id) ?? { lastSeq: room.lastSeq, state: NO_STATE };
      if (lastSeq <= room.lastSeq) return { lastSeq: room.lastSeq, catchUp, state };
      // A message was committed after the head was read. It is counted, so it has to be in the answer: the client adds every
      // message that is not to the counts.
      const [grown] = await readCatchUps(context, user, [{ ...room, lastSeq }], query);
      return { lastSeq, catchUp: grown ?? catchUp, state };
    }),
  );
}
