import type { Message } from "@multichat/protocol";
import type { ShownMessage } from "./record.ts";

/** What the audit compares of a message that the wire carried. */
export function shownMessage(message: Message): ShownMessage {
  const { id, seq, author, clientId, body, editedAt, deletedAt, reactions } = message;
  return {
    id,
    seq,
    author: author?.id ?? null,
    clientId,
    body,
    edited: editedAt !== null,
    deleted: deletedAt !== null,
    // At most the first hundred are named, which no message of a run has of one emoji.
    reactions: reactions.flatMap(({ emoji, users }) => users.map((user) => `${emoji} ${user}`)).toSorted(),
  };
}
