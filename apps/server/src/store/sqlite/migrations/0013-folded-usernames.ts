import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { refoldNames } from "../../people/refold-names.ts";

/** The keys of usernames by full case folding: `ẞ` is `ss`, final `ς` is `σ`. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await refoldNames(db);
}
