import { DatabaseSync } from "node:sqlite";
import type { ChatServer } from "./chat-server.ts";

const MESSAGE_INTERVAL_MS = 60_000;

/**
 * Fills a room with messages by writing to the database, because the API would take minutes. The server must be stopped.
 * Each message contains its seq.
 *
 * @param last the seq of the last message
 */
export function fillRoom(server: ChatServer, room: number, last: number): void {
  const database = new DatabaseSync(server.database);
  try {
    const target = database.prepare("select id, last_seq from room where number = ?").get(room);
    const users = database.prepare("select id, displayUsername as name from user order by id").all();
    if (target === undefined) throw new Error(`expected a room ${room} in ${server.database}`);
    const startedAt = Date.now() - last * MESSAGE_INTERVAL_MS;
    const message = database.prepare(
      "insert into message (id, room, seq, author, author_name, client_id, kind, body, created_at) values (?, ?, ?, ?, ?, ?, 'message', ?, ?)",
    );
    const event = database.prepare(
      "insert into event (room, seq, kind, actor, actor_name, message, at) values (?, ?, 'message.posted', ?, ?, ?, ?)",
    );
    database.exec("begin");
    for (let seq = Number(target.last_seq) + 1; seq <= last; seq++) {
      // Three messages in a row by the same author, which the page groups.
      const author = users[Math.floor(seq / 3) % users.length];
      const id = `00000000-0000-7000-8000-${String(room).padStart(4, "0")}${String(seq).padStart(8, "0")}`;
      const [authorId, authorName] = [author?.id ?? null, author?.name ?? null];
      const at = startedAt + seq * MESSAGE_INTERVAL_MS;
      message.run(id, target.id ?? null, seq, authorId, authorName, `long-${seq}`, bodyOf(seq), at);
      event.run(target.id ?? null, seq, authorId, authorName, id, at);
    }
    database.prepare("update room set last_seq = ? where number = ?").run(last, room);
    database.exec("commit");
  } finally {
    database.close();
  }
}

/** Bodies of different lengths with some markup, so that rows have different heights. */
function bodyOf(seq: number): string {
  const words = "the market opens at nine and closes when the last **pear** is sold ".repeat(seq % 7);
  return `number ${seq} ${words}${seq % 11 === 0 ? "\n\n- soup\n- bread\n- `tea`" : ""}`.trim();
}
