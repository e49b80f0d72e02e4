import { refuse } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { checkOptions } from "../options.ts";
import type { Middleware } from "./middleware.ts";

/**
 * Returns the user of a request's session, token or certificate; `undefined` or `null`, as most databases do, if there is
 * none. Runs once for each handshake.
 */
export type UserResolver<User> = (scope: WebSocketScope) => MaybePromise<User | null | undefined>;

export interface AuthOptions {
  /**
   * Whether to refuse a request without a user, or to pass it on with `scope.user` undefined.
   * @default "refuse"
   */
  readonly anonymous?: "refuse" | "allow";
  /**
   * The HTTP status of a refusal.
   * @default 401
   */
  readonly status?: 401 | 403;
}

/** Adds the user to the scope, and refuses requests without one. */
export function authMiddleware<User>(
  resolve: UserResolver<User>,
  options?: AuthOptions & { readonly anonymous?: "refuse" },
): Middleware<NonNullable<User>>;
/** Adds the user to the scope; `undefined` for a request without one. */
export function authMiddleware<User>(
  resolve: UserResolver<User>,
  options: AuthOptions & { readonly anonymous: "allow" },
): Middleware<NonNullable<User> | undefined>;
export function authMiddleware<User>(resolve: UserResolver<User>, options: AuthOptions = {}): Middleware<User> {
  checkOptions<AuthOptions>(options, { anonymous: true, status: true });
  const anonymous = options.anonymous ?? "refuse";
  const status = options.status ?? 401;
  return async (scope, next) => {
    const user = (await resolve(scope)) ?? undefined;
    if (user === undefined && anonymous === "refuse") return refuse(status, "authentication required");
    // With "allow", the overload's type includes `undefined`.
    return next({ ...scope, user: user as User });
  };
}
