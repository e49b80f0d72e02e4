import { refuse } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import type { Middleware } from "./middleware.ts";

/** Who a request's session, token or certificate belongs to; `undefined` for nobody. Runs once a handshake. */
export type UserResolver<User> = (scope: WebSocketScope) => MaybePromise<User | undefined>;

export interface AuthOptions {
  /**
   * What becomes of a request of nobody: refused, or passed on with `scope.user` undefined.
   * @default "refuse"
   */
  readonly anonymous?: "refuse" | "allow";
  /**
   * The status of a refusal.
   * @default 401
   */
  readonly status?: 401 | 403;
}

/** Puts the user into the scope, and refuses those who are nobody. */
export function authMiddleware<User>(
  resolve: UserResolver<User>,
  options?: AuthOptions & { readonly anonymous?: "refuse" },
): Middleware<User>;
/** Puts the user into the scope, `undefined` for nobody. */
export function authMiddleware<User>(
  resolve: UserResolver<User>,
  options: AuthOptions & { readonly anonymous: "allow" },
): Middleware<User | undefined>;
export function authMiddleware<User>(resolve: UserResolver<User>, options: AuthOptions = {}): Middleware<User> {
  const anonymous = options.anonymous ?? "refuse";
  const status = options.status ?? 401;
  return async (scope, next) => {
    const user = await resolve(scope);
    if (user === undefined && anonymous === "refuse") return refuse(status, "sign in first");
    // With "allow" the overload has said that there may be none.
    return next({ ...scope, user: user as User });
  };
}
