import { setTimeout } from "node:timers/promises";
import { Refusal } from "./refusal.ts";

/**
 * Milliseconds before each look at the room: a second one at once, for a change that this process made under the attempt,
 * and then in the time that it takes to hear of another process's.
 */
const RETRY_DELAYS_MS = [0, 0, 20, 100, 200] as const;

/**
 * Asks the policy and writes, again where the room's rights have changed between the two (`stale`: nothing was written).
 * @throws Refusal UNAVAILABLE when the room never stood still; whatever the attempt throws.
 */
export async function retryIfStale<T extends { readonly outcome: string }>(
  attempt: () => Promise<T>,
): Promise<Exclude<T, { readonly outcome: "stale" }>> {
  for (const delay of RETRY_DELAYS_MS) {
    if (delay > 0) await setTimeout(delay);
    const done = await attempt();
    // The compiler cannot narrow a type parameter by a member.
    if (done.outcome !== "stale") return done as Exclude<T, { readonly outcome: "stale" }>;
  }
  throw new Refusal("UNAVAILABLE", "The room is being changed at this moment; try again.", { retryAfter: 1 });
}
