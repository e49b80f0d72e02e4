import type { Me, Message } from "@multichat/protocol";

/** Normalizes a username for comparison, as the server does. */
export function normalizeName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/** The name that mentions everyone in a room. */
export const MENTION_ALL = "all";

/**
 * Classifies `@name` in a message: a mention of the reader, of another user, or plain text.
 *
 * @param addressed the mentions that the server found; null: it has not seen the message yet
 */
export function classifyMention(
  name: string,
  me: Pick<Me, "id" | "username">,
  addressed: Pick<Message, "mentions" | "mentionsAll"> | null,
): "self" | "other" | "none" {
  const key = normalizeName(name);
  if (addressed === null) return "other";
  if (key === MENTION_ALL) return addressed.mentionsAll ? "self" : "none";
  if (key === normalizeName(me.username)) return addressed.mentions.includes(me.id) ? "self" : "other";
  return addressed.mentions.some((id) => id !== me.id) ? "other" : "none";
}
