import { CommandError } from "../model/errors.ts";

/** Ignores a refusal of the server, and throws any other error. */
export function ignoreRefusal(error: unknown): void {
  if (!(error instanceof CommandError)) throw error;
}
