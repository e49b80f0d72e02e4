import type { Message } from "@multichat/protocol";
import type { ShownMessage } from "./client-record.ts";

/** Reduces a message of the protocol to what the audit compares. */
export function toShownMessage(message: Message): ShownMessage {
  const { id, seq, author, clientId, body, editedAt, deletedAt, reactions } = message;
  return {
    id,
    seq,
    author: author?.id ?? null,
    clientId,
    body,
    edited: editedAt !== null,
    deleted: deletedAt !== null,
    // The protocol names the first hundred users per emoji, which no message of a run exceeds.
    reactions: reactions.flatMap(({ emoji, users }) => users.map((user) => `${emoji} ${user}`)).toSorted(),
  };
}
