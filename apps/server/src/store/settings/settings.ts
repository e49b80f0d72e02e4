import type { Settings } from "@multichat/protocol";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";

const DEFAULTS: Settings = { roomCreators: "staff", allMentioners: "moderators", historyReaders: "staff" };

export async function readSettings({ db }: ReadContext): Promise<Settings> {
  const rows = await db.selectFrom("setting").selectAll().execute();
  // Written by `updateSettings` alone, from the same type.
  return { ...DEFAULTS, ...Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value)])) } as Settings;
}

export async function updateSettings(
  context: WriteContext,
  { by, ...changes }: Partial<Settings> & { readonly by?: AuditSource | undefined },
): Promise<Settings> {
  for (const [key, setting] of Object.entries(changes)) {
    if (setting === undefined) continue;
    const value = JSON.stringify(setting);
    await context.db
      .insertInto("setting")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
      .execute();
  }
  await recordChange(context, { kind: "settings" });
  await auditChange(context, { action: "settings.change", target: null, details: changes, by });
  return readSettings(context);
}
