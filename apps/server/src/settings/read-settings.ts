import type { Settings } from "@multichat/protocol";
import { canSeeSettings } from "../access/policies/settings.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** @throws Refusal FORBIDDEN. */
export async function readSettings(context: Context, actor: Actor): Promise<Settings> {
  if (!canSeeSettings(actor)) throw new Refusal("FORBIDDEN");
  return context.store.settings.get();
}
