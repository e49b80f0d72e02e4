import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Edits and deletions of messages, reactions, pins, members, and rooms that are not open. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await alterRooms(db);
  await alterMessages(db);
  await createReactions(db);
  await createMembers(db);
  // The user that a member event is about; `actor` is its author.
  await sql`alter table event add column subject text`.execute(db);
  await sql`alter table event add column subject_name text`.execute(db);
}

async function alterRooms(db: Kysely<Tables>): Promise<void> {
  await sql`alter table room add column kind text not null default 'open'`.execute(db);
  await sql`alter table room add column slow_mode integer not null default 0`.execute(db);
  await sql`alter table room add column direct_key text`.execute(db);
  await sql`alter table room add column client_key text`.execute(db);
  // One direct conversation per pair, and one room per client id of a creator, also for concurrent requests.
  await sql`create unique index room_direct on room (direct_key) where direct_key is not null`.execute(db);
  await sql`create unique index room_client on room (created_by, client_key) where client_key is not null`.execute(db);
}

async function alterMessages(db: Kysely<Tables>): Promise<void> {
  for (const column of [
    sql`edited_at bigint`,
    sql`edited_by text`,
    sql`edited_by_name text`,
    sql`edited_seq bigint`,
    sql`deleted_at bigint`,
    sql`deleted_seq bigint`,
    sql`reply_to integer`,
    sql`mentions text`,
    sql`mentions_all integer not null default 0`,
    sql`pinned_at bigint`,
    sql`pin_seq bigint`,
    sql`emojis integer not null default 0`,
  ]) {
    await sql`alter table message add column ${column}`.execute(db);
  }
  await sql`
    update message set mentions = mentioned.people
    from (select room, seq, json_group_array(user) as people from mention group by room, seq) as mentioned
    where message.room = mentioned.room and message.seq = mentioned.seq`.execute(db);

  // Unread counts leave deleted messages out, and are still answered by the index alone.
  await sql`drop index message_place`.execute(db);
  await sql`create index message_place on message (room, seq, author, deleted_at)`.execute(db);
  // The time of an author's last message, which slow mode needs for every new one.
  await sql`create index message_author on message (author, room, seq) where author is not null`.execute(db);
  await sql`create index message_to_all on message (room, seq, author) where mentions_all = 1`.execute(db);
  await sql`create index message_pinned on message (room, pin_seq) where pinned_at is not null`.execute(db);

  await db.schema
    .createTable("message_version")
    .addColumn("message", "integer", (c) => c.notNull().references("message.n"))
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("body", "text", (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addColumn("by", "text")
    .addColumn("by_name", "text")
    .addPrimaryKeyConstraint("message_version_pk", ["message", "version"])
    .modifyEnd(sql`without rowid`)
    .execute();
}

async function createReactions(db: Kysely<Tables>): Promise<void> {
  // A removed reaction stays with `present` 0, so that removing it again returns the seq of the first time.
  await db.schema
    .createTable("reaction")
    .addColumn("message", "integer", (c) => c.notNull().references("message.n"))
    .addColumn("emoji", "text", (c) => c.notNull())
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("present", "integer", (c) => c.notNull())
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("reaction_pk", ["message", "emoji", "user"])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index reaction_order on reaction (message, emoji, seq, user) where present = 1`.execute(db);

  // Stored, so that a page of history need not count the reactions of ten thousand people.
  await db.schema
    .createTable("reaction_total")
    .addColumn("message", "integer", (c) => c.notNull().references("message.n"))
    .addColumn("emoji", "text", (c) => c.notNull())
    .addColumn("count", "integer", (c) => c.notNull())
    .addColumn("first_seq", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("reaction_total_pk", ["message", "emoji"])
    .modifyEnd(sql`without rowid`)
    .execute();
}

async function createMembers(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("member")
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("user_name", "text", (c) => c.notNull())
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("since", "bigint", (c) => c.notNull())
    .addColumn("muted_until", "bigint")
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("member_pk", ["room", "user"])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index member_user on member (user, room)`.execute(db);
  // Every process keeps these members in memory, also of open rooms with a hundred thousand members.
  await sql`
    create index member_special on member (room, user, role, muted_until, user_name)
    where role <> 'member' or muted_until is not null`.execute(db);

  // Users who are no longer members, and banned users who never were.
  await db.schema
    .createTable("departure")
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("banned", "integer", (c) => c.notNull())
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addColumn("by", "text")
    .addColumn("at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("departure_pk", ["room", "user"])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index departure_banned on departure (room, user) where banned = 1`.execute(db);
}
