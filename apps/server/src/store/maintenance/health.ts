import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { setMeta } from "../database/meta.ts";

/** Rejects where the database answers no query. */
export async function checkRead({ db }: ReadContext): Promise<void> {
  await sql`select 1`.execute(db);
}

/** Rejects where the database takes no write; only a write can tell. */
export async function checkWrite({ db, now }: WriteContext): Promise<void> {
  await setMeta(db, "checked", String(now));
}
