import { uuidv7 } from "uuidv7";
import { getMeta, setMeta } from "./migrations.ts";
import type { WriteContext } from "./write-context.ts";

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
