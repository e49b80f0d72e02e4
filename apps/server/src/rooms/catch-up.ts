import type { CatchUp, LogEvent, Message } from "@multichat/protocol";
import type { Context } from "../context.ts";

/** Characters of message text that one answer holds, about; what is more than that is read page by page. */
export const MAX_ANSWER_CHARS = 1_000_000;

/** What somebody who has seen up to `since` has missed, if that is not too much, otherwise the latest page. */
export async function readCatchUp(
  { store, limits }: Pick<Context, "store" | "limits">,
  viewer: string,
  room: string,
  { since, limit }: { readonly since: number | undefined; readonly limit: number },
): Promise<CatchUp> {
  const events =
    since === undefined ? undefined : await store.eventLog.readSince({ room, since, limit: limits.resumeEvents });
  if (events !== undefined && countChars(collectEventMessages(events)) <= MAX_ANSWER_CHARS)
    return { reset: false, events };
  return { reset: true, page: await store.messages.readHistory({ room, limit, viewer }) };
}

/** The messages that a catch-up carries. */
export function collectMessages(catchUp: CatchUp): readonly Message[] {
  return catchUp.reset ? catchUp.page.messages : collectEventMessages(catchUp.events);
}

export function countChars(messages: readonly Message[]): number {
  return messages.reduce((sum, { body }) => sum + body.length, 0);
}

function collectEventMessages(events: readonly LogEvent[]): readonly Message[] {
  return events.flatMap((event) => ("message" in event && typeof event.message === "object" ? [event.message] : []));
}
