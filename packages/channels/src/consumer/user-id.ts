import type { WebSocketScope } from "./scope.ts";

/** Returns `user.id` as text, or `undefined` for a user without one. */
export function getUserId(scope: WebSocketScope): string | undefined {
  const { user } = scope;
  if (typeof user !== "object" || user === null || !("id" in user)) return undefined;
  return typeof user.id === "string" || typeof user.id === "number" ? String(user.id) : undefined;
}
