import type { CatchUp, LogEvent, Message } from "@multichat/protocol";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import type { LatestPages } from "./latest-pages.ts";

/**
 * The approximate number of characters of message text in one answer (UTF-16 units): what takes the server a few milliseconds,
 * in which it answers nobody else. Clients fetch the rest page by page.
 */
export const MAX_ANSWER_CHARS = 400_000;
/** The most bytes of UTF-8 that so many characters can have. */
const MAX_BODY_BYTES = 3 * MAX_ANSWER_CHARS;

export interface CatchUpQuery {
  /** The last seq that the client has. */
  readonly since?: number | undefined;
  /** The number of messages in the page. */
  readonly limit: number;
  /**
   * The latest pages of this size, shared by all viewers.
   * @default each page is read
   */
  readonly pages?: LatestPages | undefined;
}

/** Returns the events that the viewer has missed after `since`, or the latest page where those are too many. */
export async function readCatchUp(
  { store, limits }: Pick<Context, "store" | "limits">,
  viewer: string,
  room: Pick<StoredRoom, "id" | "lastSeq">,
  { since, limit, pages }: CatchUpQuery,
): Promise<CatchUp> {
  if (since !== undefined) {
    // Nothing was missed up to this seq, and the connection receives everything later as an event.
    if (since === room.lastSeq) return { reset: false, events: [] };
    const events = await store.eventLog.readSince({
      room: room.id,
      since,
      limit: limits.resumeEvents,
      maxBodyBytes: MAX_BODY_BYTES,
    });
    const fits = events !== undefined && countChars(collectEventMessages(events)) <= MAX_ANSWER_CHARS;
    if (fits) return { reset: false, events };
  }
  const page = await (pages?.read(room, viewer) ?? store.messages.readHistory({ room: room.id, limit, viewer }));
  return { reset: true, page };
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
