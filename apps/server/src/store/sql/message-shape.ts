import type { Author, Message, MessageKind } from "@multichat/protocol";

/** A message as the queries select it; `author_name` is the account's present name, or the last that is known. */
export interface MessageShape {
  id: string;
  room: string;
  seq: number;
  kind: string;
  author: string | null;
  author_name: string | null;
  client_id: string;
  body: string;
  created_at: number;
}

export function toMessage(row: MessageShape): Message {
  return {
    id: row.id,
    room: row.room,
    seq: row.seq,
    // Only `append` writes this column, from the same type.
    kind: row.kind as MessageKind,
    author: toAuthor(row.author, row.author_name),
    clientId: row.client_id,
    body: row.body,
    createdAt: row.created_at,
  };
}

export function toAuthor(id: string | null, name: string | null): Author | null {
  return id === null ? null : { id, username: name ?? "" };
}
