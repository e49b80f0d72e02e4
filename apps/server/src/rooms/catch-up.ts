import type { CatchUp, LogEvent, Message } from "@multichat/protocol";
import type { Context } from "../context.ts";
import type { LatestPages } from "./latest-pages.ts";
import { MissedEvents } from "./missed-events.ts";
import type { SubscribedRoom } from "./subscribed-room.ts";

/**
 * The approximate number of characters of message text in one answer (UTF-16 units): what takes the server a few milliseconds,
 * in which it answers nobody else. Clients fetch the rest page by page.
 */
export const MAX_ANSWER_CHARS = 400_000;
/** The most bytes of UTF-8 that so many characters can have. */
const MAX_BODY_BYTES = 3 * MAX_ANSWER_CHARS;

export interface CatchUpQuery {
  /** The number of messages in the page. */
  readonly limit: number;
  /**
   * The latest pages of this size, shared by all viewers.
   * @default each page is read
   */
  readonly pages?: LatestPages | undefined;
  /**
   * The events that were missed, shared by all viewers.
   * @default they are read
   */
  readonly missed?: MissedEvents | undefined;
}

/** Creates the reader of the events that were missed, within the limits of an answer. */
export function createMissedEvents({ store, limits }: Pick<Context, "store" | "limits">): MissedEvents {
  return new MissedEvents(store, { events: limits.resumeEvents, bodyBytes: MAX_BODY_BYTES });
}

/** Returns for each room, in their order, the events that the viewer has missed, or the latest page where those are too many. */
export async function readCatchUps(
  context: Pick<Context, "store" | "limits">,
  viewer: string,
  rooms: readonly SubscribedRoom[],
  { limit, pages, missed }: CatchUpQuery,
): Promise<readonly CatchUp[]> {
  // Nothing was missed up to `lastSeq`, and the connection receives everything later as an event.
  const behind = rooms.flatMap(({ id, lastSeq, since }) =>
    since === undefined || since === lastSeq ? [] : { id, lastSeq, since },
  );
  const events = behind.length === 0 ? [] : await (missed ?? createMissedEvents(context)).read(behind);
  const eventsByRoom = new Map(behind.map(({ id }, index) => [id, events[index]]));
  const readPage = (room: SubscribedRoom) =>
    pages?.read(room, viewer) ?? context.store.messages.readHistory({ room: room.id, limit, viewer });
  return Promise.all(
    rooms.map(async (room): Promise<CatchUp> => {
      if (room.since === room.lastSeq) return { reset: false, events: [] };
      const events = eventsByRoom.get(room.id);
      const fits = events !== undefined && countChars(collectEventMessages(events)) <= MAX_ANSWER_CHARS;
      return fits ? { reset: false, events } : { reset: true, page: await readPage(room) };
    }),
  );
}

/** Returns the messages in a catch-up. */
export function collectMessages(catchUp: CatchUp): readonly Message[] {
  return catchUp.reset ? catchUp.page.messages : collectEventMessages(catchUp.events);
}

export function countChars(messages: readonly Message[]): number {
  return messages.reduce((sum, { body }) => sum + body.length, 0);
}

function collectEventMessages(events: readonly LogEvent[]): readonly Message[] {
  return events.flatMap((event) => ("message" in event && typeof event.message === "object" ? [event.message] : []));
}
