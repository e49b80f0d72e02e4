import type { Message } from "@multichat/protocol";
import { NO_MENTIONS } from "../mentions.ts";
import type { AppendOutcome, AppendResult, NewMessage } from "../message-types.ts";

/** Completes what the database returned with what the caller has sent. */
export function toAppendResult(posted: NewMessage, outcome: AppendOutcome): AppendResult {
  if (outcome.outcome !== "appended") return outcome;
  const { id, seq, createdAt, replyTo = null, mentions = NO_MENTIONS, files } = outcome;
  const { room, author, clientId, kind, body } = posted;
  const message: Message = {
    id,
    room,
    seq,
    kind,
    author: author === null ? null : { id: author.id, username: author.username },
    clientId,
    body,
    createdAt,
    editedAt: null,
    deletedAt: null,
    replyTo,
    mentions: mentions.people,
    mentionNames: mentions.names,
    mentionsAll: mentions.all,
    reactions: [],
    pinned: false,
    ...(files === undefined ? {} : { files }),
  };
  return { outcome: "appended", message, event: { on: "message.posted", room, seq, message } };
}
