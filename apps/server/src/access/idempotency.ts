import type { Actor } from "../accounts/accounts.ts";
import type { IdempotencyKey, MemberStore } from "../store/store.ts";
import { Refusal } from "./refusal.ts";

/** A change by the name that the actor's client gave it; undefined where it gave none. */
export function toIdempotencyKey(actor: Pick<Actor, "id">, clientId: string | undefined): IdempotencyKey | undefined {
  return clientId === undefined ? undefined : { user: actor.id, clientId };
}

/**
 * Does it, or answers as when it was done: asked again after a lost reply, it may be refused by what it did itself (who has
 * left a private room does not see it any more).
 */
export async function replayOnDuplicate(
  { store }: { readonly store: { readonly members: Pick<MemberStore, "findSeqByKey"> } },
  intent: IdempotencyKey | undefined,
  change: () => Promise<{ readonly seq: number }>,
): Promise<{ readonly seq: number }> {
  try {
    return await change();
  } catch (error) {
    const seq = intent !== undefined && error instanceof Refusal ? await store.members.findSeqByKey(intent) : undefined;
    if (seq === undefined) throw error;
    return { seq };
  }
}
