import type { Message } from "@multichat/protocol";

/** A message as the server tells it, in which only what a test is about differs. */
export function messageWith(changes: Partial<Message> = {}): Message {
  return {
    id: "m1",
    room: "r",
    seq: 1,
    kind: "message",
    author: { id: "ann", username: "ann" },
    clientId: "c1",
    body: "hello",
    createdAt: 0,
    editedAt: null,
    deletedAt: null,
    replyTo: null,
    mentions: [],
    mentionsAll: false,
    reactions: [],
    pinned: false,
    ...changes,
  };
}
