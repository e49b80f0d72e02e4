import type { Actor } from "../accounts/accounts.ts";
import type { EventLog, IdempotencyKey } from "../store/store.ts";
import { Refusal } from "./refusal.ts";

/** Returns the key of a change, or undefined where the client sent no id for it. */
export function toIdempotencyKey(actor: Pick<Actor, "id">, clientId: string | undefined): IdempotencyKey | undefined {
  return clientId === undefined ? undefined : { user: actor.id, clientId };
}

/**
 * Makes a change, or returns the result of its first attempt where a retry is refused. A retry can be refused because the
 * first attempt succeeded: a user who has left a private room no longer sees it.
 */
export async function replayOnDuplicate(
  { store }: { readonly store: { readonly eventLog: Pick<EventLog, "findSeqByKey"> } },
  key: IdempotencyKey | undefined,
  change: () => Promise<{ readonly seq: number }>,
): Promise<{ readonly seq: number }> {
  try {
    return await change();
  } catch (error) {
    const seq = key !== undefined && error instanceof Refusal ? await store.eventLog.findSeqByKey(key) : undefined;
    if (seq === undefined) throw error;
    return { seq };
  }
}
