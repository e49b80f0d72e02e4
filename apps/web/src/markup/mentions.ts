import type { Me, Message } from "@multichat/protocol";

/** What usernames are compared by, as the server does it. */
export function normalizeName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** The name that addresses everybody in a room. */
export const MENTION_ALL = "all";

/**
 * What `@name` in a message is: its reader, somebody, or two words.
 *
 * @param addressed whom the server says the message addresses; null: it was not asked yet
 */
export function classifyMention(
  name: string,
  me: Pick<Me, "id" | "username">,
  addressed: Pick<Message, "mentions" | "mentionsAll"> | null,
): "me" | "somebody" | "none" {
  const key = normalizeName(name);
  if (addressed === null) return "somebody";
  if (key === MENTION_ALL) return addressed.mentionsAll ? "me" : "none";
  if (key === normalizeName(me.username)) return addressed.mentions.includes(me.id) ? "me" : "somebody";
  return addressed.mentions.some((id) => id !== me.id) ? "somebody" : "none";
}
