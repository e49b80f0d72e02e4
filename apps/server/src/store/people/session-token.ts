import { createHash } from "node:crypto";

/**
 * Returns the form in which a session's token is stored: with a copy of the database, nobody can sign in. A token has 190
 * random bits, so that a fast hash without salt cannot be reversed.
 */
export function hashSessionToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
