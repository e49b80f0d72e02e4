import { toStoreError } from "../sqlite-errors.ts";
import type { Failure } from "./worker-messages.ts";

/** Returns an error as plain data, which can be posted to another thread. */
export function toFailure(error: unknown): Failure {
  const { code, message } = toStoreError(error);
  return { code, message };
}
