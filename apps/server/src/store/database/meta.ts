import type { Kysely } from "kysely";
import { uuidv7 } from "uuidv7";
import type { WriteContext } from "./context.ts";
import type { Tables } from "./tables.ts";

/** A new epoch tells every client that its place in the logs means nothing here any more. */
export async function renewEpoch({ db }: WriteContext): Promise<string> {
  const epoch = uuidv7();
  await setMeta(db, "epoch", epoch);
  return epoch;
}

/** A secret that was stored under this name; the offered one where there was none. */
export async function secretOf(
  { db }: WriteContext,
  { name, offer }: { name: string; offer: string },
): Promise<string> {
  const key = `secret.${name}`;
  const kept = await getMeta(db, key);
  if (kept !== undefined) return kept;
  await setMeta(db, key, offer);
  return offer;
}

/** Finds out by doing it whether the database takes a write. */
export async function takesWrites({ db, now }: WriteContext): Promise<true> {
  await setMeta(db, "checked", String(now));
  return true;
}

export async function getMeta(db: Kysely<Tables>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  return row?.value;
}

export async function setMeta(db: Kysely<Tables>, key: string, value: string): Promise<void> {
  await db
    .insertInto("meta")
    .values({ key, value })
    .onConflict((c) => c.column("key").doUpdateSet({ value }))
    .execute();
}
