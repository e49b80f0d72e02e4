import type { HistoryPage, LogEvent, Reply, ResumedRoom } from "@multichat/protocol";
import { JsonText } from "../../access/json-text.ts";

/** Returns the JSON of a page or of events that was made before, for many replies; undefined for any others. */
export type TextOf = (shared: HistoryPage | readonly LogEvent[]) => string | undefined;

export function stringifyReply(reply: Reply): string {
  if ("ok" in reply && reply.ok instanceof JsonText) return `{"re":${reply.re},"ok":${reply.ok.text}}`;
  return JSON.stringify(reply);
}

/** Returns the answer to a join. */
export function joinedToJson(joined: ResumedRoom, textOf: TextOf): JsonText {
  if ("gone" in joined) return new JsonText(JSON.stringify(joined));
  const [name, shared] = joined.reset ? (["page", joined.page] as const) : (["events", joined.events] as const);
  const text = textOf(shared);
  if (text === undefined) return new JsonText(JSON.stringify(joined));
  // The rest is never empty.
  return new JsonText(`${JSON.stringify({ ...joined, [name]: undefined }).slice(0, -1)},"${name}":${text}}`);
}

/** Returns the answer to a resume. */
export function resumedToJson(
  { rooms, epoch }: { readonly rooms: Readonly<Record<string, ResumedRoom>>; readonly epoch: string },
  textOf: TextOf,
): JsonText {
  const texts = Object.entries(rooms).map(([id, room]) => [id, joinedToJson(room, textOf)] as const);
  return JsonText.object({ rooms: JsonText.object(Object.fromEntries(texts)), epoch });
}
