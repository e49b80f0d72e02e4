import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { refoldNames } from "../../people/refold-names.ts";

/** The keys of usernames with the Turkic `İ`, which is an `i` now. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await refoldNames(db);
}
