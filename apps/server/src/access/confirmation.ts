import type { Actor } from "../accounts/accounts.ts";
import { Refusal } from "./refusal.ts";

/** How long after entering the password a user can change accounts and end sessions. */
const CONFIRMATION_MS = 15 * 60_000;

/**
 * Checks that the user of a session entered the password a short time ago, at sign-in or with `POST /api/me/confirm`, so that
 * a session that was left open or stolen cannot take over accounts. The operator has no session to confirm.
 *
 * @throws Refusal CONFIRMATION_REQUIRED.
 */
export function assertConfirmed({ session, confirmedAt }: Pick<Actor, "session" | "confirmedAt">): void {
  if (session === null) return;
  if (confirmedAt === undefined || Date.now() - confirmedAt > CONFIRMATION_MS)
    throw new Refusal("CONFIRMATION_REQUIRED");
}
