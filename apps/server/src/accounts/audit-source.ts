import type { AuditSource } from "../store/store.ts";
import type { Actor } from "./accounts.ts";

/** Returns who makes a change and from where, for its entry in the audit log. */
export function auditSource(
  { id, username, origin }: Pick<Actor, "id" | "username" | "origin">,
  rest: Pick<AuditSource, "action" | "details"> = {},
): AuditSource {
  return { actor: { id, username }, address: origin?.address ?? null, request: origin?.request ?? null, ...rest };
}

/** Returns where a request to `Accounts.handle` comes from, by the headers that its caller has set. */
export function readOrigin({ headers }: Request): Pick<AuditSource, "address" | "request"> {
  return { address: headers.get("x-forwarded-for"), request: headers.get("x-request-id") };
}
