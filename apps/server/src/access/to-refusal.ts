import { StoreError } from "../store/store-error.ts";
import { Refusal } from "./refusal.ts";

/** Seconds after which a database that was busy is worth another try. */
const RETRY_AFTER_SECONDS = 1;

/**
 * What a door answers to an exception: a refusal as it is, a database that cannot just now as UNAVAILABLE, and undefined
 * for everything else, which is a fault of ours: the door logs it and answers INTERNAL.
 */
export function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreError && error.isTransient) {
    return new Refusal("UNAVAILABLE", undefined, { retryAfter: RETRY_AFTER_SECONDS });
  }
  return undefined;
}
