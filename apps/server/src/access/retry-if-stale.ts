import { setTimeout } from "node:timers/promises";
import { Refusal } from "./refusal.ts";

/**
 * Delay before each attempt. The second follows at once, for a change that this process made during the first; the others
 * cover the time until this process learns of another process's change.
 */
const RETRY_DELAYS_MS = [0, 0, 20, 100, 200] as const;

/**
 * Repeats an attempt whose outcome is `stale`: the room's access version changed between the policy check and the write, and
 * nothing was written.
 * @throws Refusal UNAVAILABLE when every attempt was stale; whatever the attempt throws.
 */
export async function retryIfStale<T extends { readonly outcome: string }>(
  attempt: () => Promise<T>,
): Promise<Exclude<T, { readonly outcome: "stale" }>> {
  for (const delayMs of RETRY_DELAYS_MS) {
    if (delayMs > 0) await setTimeout(delayMs);
    const result = await attempt();
    // The compiler does not narrow a type parameter by one of its members.
    if (result.outcome !== "stale") return result as Exclude<T, { readonly outcome: "stale" }>;
  }
  throw new Refusal("UNAVAILABLE", "The room is being changed. Try again in a moment.", { retryAfter: 1 });
}
