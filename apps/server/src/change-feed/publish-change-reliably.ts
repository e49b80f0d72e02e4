import { setTimeout } from "node:timers/promises";
import type { Context } from "../context.ts";
import type { StoreChange } from "../store/store.ts";
import { StoreError } from "../store/store-error.ts";
import { publishChange } from "./publish-change.ts";

const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** Later changes wait meanwhile. A database that cannot be read for so long fails everything else, too. */
const RETRY_FOR_MS = 60_000;

interface ReliableOptions {
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  /** @default 60_000 */
  readonly retryForMs?: number;
}

/**
 * Publishes a change of another process as `publishChange` does, and tries again while the database cannot be read: the change
 * comes only once, and a right that was lost must end. Until then the connections of a user whose account or sessions have changed
 * authenticate again, and are closed where that fails.
 *
 * @throws StoreError that is not transient, or after a minute, or when the signal has fired.
 */
export async function publishChangeReliably(
  context: Pick<Context, "store" | "accounts" | "broadcasts">,
  change: StoreChange,
  { signal, retryForMs = RETRY_FOR_MS }: ReliableOptions,
): Promise<void> {
  const deadline = performance.now() + retryForMs;
  for (let delayMs = MIN_RETRY_MS; ; delayMs = Math.min(2 * delayMs, MAX_RETRY_MS)) {
    try {
      await publishChange(context, change);
      return;
    } catch (error) {
      const isFinal = signal.aborted || performance.now() >= deadline;
      if (isFinal || !(error instanceof StoreError) || !error.isTransient) throw error;
    }
    const isFirst = delayMs === MIN_RETRY_MS;
    if (isFirst && (change.kind === "user" || change.kind === "session")) {
      await context.broadcasts.local.publishSessionEnd(change.user, { session: null });
    }
    // The signal ends the wait, and the last attempt says what is wrong.
    await setTimeout(delayMs, undefined, { signal }).catch(() => {});
  }
}
