import type { Settings } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canChangeSettings, canSeeSettings } from "../policies/settings.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";

export async function readSettings(context: Context, actor: Actor): Promise<Settings> {
  if (!canSeeSettings(actor)) throw new Refusal("FORBIDDEN");
  return context.store.settings.get();
}

/** What is undefined stays as it is. */
export async function changeSettings(
  context: Context,
  actor: Actor,
  { roomCreators, allMentioners, historyReaders }: { readonly [K in keyof Settings]?: Settings[K] | undefined },
): Promise<Settings> {
  if (!canChangeSettings(actor)) throw new Refusal("FORBIDDEN");
  return context.store.settings.set({
    ...(roomCreators === undefined ? {} : { roomCreators }),
    ...(allMentioners === undefined ? {} : { allMentioners }),
    ...(historyReaders === undefined ? {} : { historyReaders }),
  });
}
