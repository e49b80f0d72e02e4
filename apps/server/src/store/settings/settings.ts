import type { Settings } from "@multichat/protocol";
import type { Kysely } from "kysely";
import { recordChange, type WriteContext } from "../database/context.ts";
import type { Tables } from "../database/tables.ts";

const DEFAULTS: Settings = { roomCreators: "staff", allMentioners: "moderators", historyReaders: "staff" };

export async function readSettings(db: Kysely<Tables>): Promise<Settings> {
  const rows = await db.selectFrom("setting").selectAll().execute();
  // Only `writeSettings` writes here, from the same type.
  return { ...DEFAULTS, ...Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value)])) } as Settings;
}

export async function writeSettings(context: WriteContext, changes: Partial<Settings>): Promise<Settings> {
  for (const [key, setting] of Object.entries(changes)) {
    if (setting === undefined) continue;
    const value = JSON.stringify(setting);
    await context.db
      .insertInto("setting")
      .values({ key, value })
      .onConflict((c) => c.column("key").doUpdateSet({ value }))
      .execute();
  }
  await recordChange(context, { kind: "settings" });
  return readSettings(context.db);
}
