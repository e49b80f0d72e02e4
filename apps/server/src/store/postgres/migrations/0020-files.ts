import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Uploaded files, the messages that they are in, and the contents that no file has any more. */
export async function up(db: Kysely<Tables>): Promise<void> {
  for (const statement of STATEMENTS) {
    await sql.raw(statement.replaceAll(/\btext\b/g, 'text collate "C"')).execute(db);
  }
}

const STATEMENTS = [
  `alter table message add column files text`,
  `create table file (
    id text primary key,
    room text not null references room (id),
    author text not null,
    client_id text not null,
    hash text not null,
    key text not null,
    name text not null,
    type text not null,
    bytes bigint not null,
    width integer,
    height integer,
    created_at bigint not null,
    message bigint references message (n)
  )`,
  `create unique index file_client on file (author, client_id)`,
  // With the size, so that quotas are answered by the index alone.
  `create index file_author on file (author, bytes)`,
  `create index file_room on file (room)`,
  `create index file_hash on file (hash, key)`,
  `create index file_key on file (key)`,
  `create index file_message on file (message) where message is not null`,
  `create index file_unposted on file (created_at) where message is null`,
  `create table file_removal (key text primary key, at bigint not null)`,
];
