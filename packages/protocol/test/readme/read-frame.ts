import { getReconnectPolicy, LIMITS, type ServerEvent } from "@multichat/protocol";
import { parseMarkup, toPlainText } from "@multichat/protocol/markup";
import { makeSchemas } from "@multichat/protocol/schemas";
import { findMatches } from "@multichat/protocol/search";

const { commands } = makeSchemas({ ...LIMITS, messageChars: 2_000 }); // the limits of one server, from its room.list

/** Returns the text as the server reads it, or why it refuses the command. */
export function checkMessage(command: unknown): string {
  const checked = commands["message.send"].safeParse(command);
  return checked.success ? checked.data.body : (checked.error.issues[0]?.message ?? "refused");
}

/** One line for a notification. */
export function describe(event: ServerEvent): string | undefined {
  if (event.on !== "message.posted") return undefined;
  return `${event.message.author?.username ?? "system"}: ${toPlainText(parseMarkup(event.message.body))}`;
}

/** The parts of a message that a search found, to be highlighted. */
export const highlight = (body: string, query: string) => findMatches(body, query);

/** Whether to connect again after the socket was closed, and how soon. */
export const reconnect = (code: number) => getReconnectPolicy(code); // "immediate", "backoff" or "never"
