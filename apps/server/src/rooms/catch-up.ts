import type { CatchUp, LogEvent, Message } from "@multichat/protocol";
import type { Context } from "../context.ts";

/** The approximate number of characters of message text in one answer. Clients fetch the rest page by page. */
export const MAX_ANSWER_CHARS = 1_000_000;

/** Returns the events that the viewer has missed after `since`, or the latest page where those are too many. */
export async function readCatchUp(
  { store, limits }: Pick<Context, "store" | "limits">,
  viewer: string,
  room: string,
  { since, limit }: { readonly since: number | undefined; readonly limit: number },
): Promise<CatchUp> {
  if (since !== undefined) {
    const events = await store.eventLog.readSince({ room, since, limit: limits.resumeEvents });
    const fits = events !== undefined && countChars(collectEventMessages(events)) <= MAX_ANSWER_CHARS;
    if (fits) return { reset: false, events };
  }
  return { reset: true, page: await store.messages.readHistory({ room, limit, viewer }) };
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
