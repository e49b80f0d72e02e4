import { join } from "node:path";
import { connect } from "../../../apps/server/src/store/sqlite/connection.ts";
import { up as createFirstVersion } from "../../../apps/server/src/store/sqlite/migrations/0001-initial.ts";
import type { Acknowledged } from "./run-task.ts";

const MESSAGES = 3_000;

/** A database as the first version left it. */
export interface OldDatabase {
  readonly file: string;
  readonly messages: readonly Acknowledged[];
}

export async function createOldDatabase(folder: string): Promise<OldDatabase> {
  const file = join(folder, "old.db");
  const { raw, db } = connect({ file, readOnly: false, busyTimeoutMs: 5_000 });
  await createFirstVersion(db);
  raw.exec(`
    create table meta (key text primary key, value text not null);
    insert into meta values ('schema', '1'), ('epoch', 'the first');
    insert into room (id, number, title, created_at, last_seq) values ('room', 1, 'General', 1, ${MESSAGES + 1});
    insert into event (room, seq, kind, at) values ('room', 1, 'room.created', 1);
    with recursive count(i) as (values (2) union all select i + 1 from count where i <= ${MESSAGES})
    insert into message (id, room, seq, author, author_name, client_id, kind, body, created_at)
    select 'm' || i, 'room', i, 'author-id', 'author', 'c' || i, 'message', 'old message number n' || i, i from count;
    insert into event (room, seq, kind, actor, actor_name, message, at)
    select room, seq, 'message.posted', author, author_name, id, created_at from message;
    pragma journal_mode = DELETE`);
  raw.close();
  const messages = Array.from({ length: MESSAGES }, (_, index) => ({ clientId: `c${index + 2}`, seq: index + 2 }));
  return { file, messages };
}
