import type { Kysely } from "kysely";
import { uuidv7 } from "uuidv7";
import type { WriteContext } from "./context.ts";
import type { Tables } from "./tables.ts";

export async function getMeta(db: Kysely<Tables>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  return row?.value;
}

export async function setMeta(db: Kysely<Tables>, key: string, value: string): Promise<void> {
  await db
    .insertInto("meta")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** Gives the database a new epoch, which makes the cursors of every client invalid. */
export async function renewEpoch({ db }: WriteContext): Promise<string> {
  const epoch = uuidv7();
  await setMeta(db, "epoch", epoch);
  return epoch;
}

/** Returns the secret of this name; where there is none, stores and returns the offered one. */
export async function getOrCreateSecret(
  { db }: WriteContext,
  { name, offer }: { name: string; offer: string },
): Promise<string> {
  const key = `secret.${name}`;
  const stored = await getMeta(db, key);
  if (stored !== undefined) return stored;
  await setMeta(db, key, offer);
  return offer;
}
