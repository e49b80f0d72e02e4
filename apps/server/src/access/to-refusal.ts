import { StoreError } from "../store/store-error.ts";
import { Refusal } from "./refusal.ts";

/** How long a client waits before it retries on a database that was busy. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Returns the refusal that an interface answers an exception with: a transient database error becomes UNAVAILABLE. Undefined
 * for a bug in the server, which the interface logs and answers with INTERNAL.
 */
export function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreError && error.isTransient) {
    return new Refusal("UNAVAILABLE", undefined, { retryAfter: RETRY_AFTER_SECONDS });
  }
  return undefined;
}
