import type { Settings } from "@multichat/protocol";
import { canChangeSettings } from "../access/policies/settings.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Context } from "../context.ts";

/** Changes the given settings. @throws Refusal FORBIDDEN. */
export async function changeSettings(
  context: Context,
  actor: Actor,
  { roomCreators, allMentioners, historyReaders }: { readonly [K in keyof Settings]?: Settings[K] | undefined },
): Promise<Settings> {
  if (!canChangeSettings(actor)) throw new Refusal("FORBIDDEN");
  return context.store.settings.update({
    ...(roomCreators === undefined ? {} : { roomCreators }),
    ...(allMentioners === undefined ? {} : { allMentioners }),
    ...(historyReaders === undefined ? {} : { historyReaders }),
    by: auditSource(actor),
  });
}
