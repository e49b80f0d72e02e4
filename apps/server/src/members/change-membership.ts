import { replayOnDuplicate, toIdempotencyKey } from "../access/idempotency.ts";
import { retryIfStale } from "../access/retry-if-stale.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { IdempotencyKey, MemberChangeResult, StaleChange } from "../store/store.ts";
import { publishMembership } from "./publish-membership.ts";

/** What an attempt to change a membership has come to. `user`: whose membership it is. */
export type MembershipChange = (MemberChangeResult | StaleChange) & { readonly user: string };

/**
 * Changes a membership and publishes the result. A retry of a change that was made is answered with its result.
 *
 * @param attempt checks the policies and writes at the access version that they were asked with. Repeated while it is `stale`.
 * @throws Refusal MEMBER_BANNED, LAST_OWNER, ROOM_INVALID, UNAVAILABLE; whatever `attempt` throws.
 */
export function changeMembership(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Pick<Actor, "id">,
  { clientId }: { readonly clientId?: string | undefined },
  attempt: (idempotencyKey: IdempotencyKey | undefined) => Promise<MembershipChange>,
): Promise<{ readonly seq: number }> {
  const key = toIdempotencyKey(actor, clientId);
  return replayOnDuplicate(context, key, async () => {
    const changed = await retryIfStale(() => attempt(key));
    return await publishMembership(context, changed.user, changed);
  });
}
