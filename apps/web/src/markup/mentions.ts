import type { Me, Message } from "@multichat/protocol";
import { MENTION_ALL, normalizeName, splitMention } from "@multichat/protocol/markup";

/** What the server found in a message. */
export type MentionInfo = Pick<Message, "mentions" | "mentionNames" | "mentionsAll">;

export interface ShownMention {
  /** As it is written, with its at sign. */
  readonly mention: string;
  /** The text that follows it without a space. */
  readonly rest: string;
  readonly isSelf: boolean;
}

/**
 * Returns the part of a candidate (`@alice看一下`) that is a mention; undefined: it is text. Only the server knows the users, so
 * a name that it did not find is text for every reader.
 *
 * @param found null: the server has not seen the message yet
 */
export function resolveMention(
  text: string,
  me: Pick<Me, "id" | "username">,
  found: MentionInfo | null,
): ShownMention | undefined {
  if (found === null) return undefined;
  // A message of an earlier version's persisted state has no names.
  const names = new Set(found.mentionNames);
  const split = splitMention(text, (name) => (name === MENTION_ALL ? found.mentionsAll : names.has(name)));
  if (split === undefined) return undefined;
  const { mention, name, rest } = split;
  const isMe = name === normalizeName(me.username) && found.mentions.includes(me.id);
  return { mention, rest, isSelf: name === MENTION_ALL || isMe };
}
