import { DatabaseSync } from "node:sqlite";
import type { ChatServer } from "./chat-server.ts";

/** Milliseconds between two messages of the long room. */
const MESSAGE_INTERVAL_MS = 60_000;

/**
 * Fills a room with messages, straight into the database: by the front door it would take minutes. The server must be stopped.
 * Each says its own number, which is its seq.
 *
 * @param last the seq of the last one
 */
export function fillRoom(server: ChatServer, room: number, last: number): void {
  const database = new DatabaseSync(server.database);
  try {
    const found = database.prepare("select id, last_seq from room where number = ?").get(room);
    const people = database.prepare("select id, displayUsername as name from user order by id").all();
    if (found === undefined) throw new Error(`expected a room ${room} in ${server.database}`);
    const began = Date.now() - last * MESSAGE_INTERVAL_MS;
    const message = database.prepare(
      "insert into message (id, room, seq, author, author_name, client_id, kind, body, created_at) values (?, ?, ?, ?, ?, ?, 'message', ?, ?)",
    );
    const event = database.prepare(
      "insert into event (room, seq, kind, actor, actor_name, message, at) values (?, ?, 'message.posted', ?, ?, ?, ?)",
    );
    database.exec("begin");
    for (let seq = Number(found.last_seq) + 1; seq <= last; seq++) {
      // Some write several lines in a row, as people do.
      const author = people[Math.floor(seq / 3) % people.length];
      const id = `00000000-0000-7000-8000-${String(room).padStart(4, "0")}${String(seq).padStart(8, "0")}`;
      const [who, name] = [author?.id ?? null, author?.name ?? null];
      const at = began + seq * MESSAGE_INTERVAL_MS;
      message.run(id, found.id ?? null, seq, who, name, `long-${seq}`, bodyOf(seq), at);
      event.run(found.id ?? null, seq, who, name, id, at);
    }
    database.prepare("update room set last_seq = ? where number = ?").run(last, room);
    database.exec("commit");
  } finally {
    database.close();
  }
}

/** Of different lengths, with some markup, so that rows have different heights. */
function bodyOf(seq: number): string {
  const words = "the market opens at nine and closes when the last **pear** is sold ".repeat(seq % 7);
  return `number ${seq} ${words}${seq % 11 === 0 ? "\n\n- soup\n- bread\n- `tea`" : ""}`.trim();
}
