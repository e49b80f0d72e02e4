import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Links by which people create their own accounts, and links by which they choose another password. */
export async function up(db: Kysely<Tables>): Promise<void> {
  for (const statement of STATEMENTS) {
    await sql.raw(statement.replaceAll(/\btext\b/g, 'text collate "C"')).execute(db);
  }
}

const STATEMENTS = [
  `create table invitation (
    id text primary key,
    token_hash text not null unique,
    created_by text,
    created_by_name text,
    created_at bigint not null,
    expires_at bigint,
    max_uses integer,
    uses integer not null,
    staff integer not null,
    rooms text not null,
    revoked_at bigint
  )`,
  `create index invitation_created on invitation (created_at)`,
  `create table invitation_use (
    invitation text not null references invitation (id),
    "user" text not null,
    user_name text not null,
    at bigint not null,
    primary key (invitation, "user")
  )`,
  `create table reset_link ("user" text primary key, token_hash text not null unique, expires_at bigint not null)`,
];
