import type { Resolution, WebSocketApplication } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { NoParams, ScopeOf } from "../consumer/scope.ts";

/** Carries what a middleware adds in its type; nothing exists of it at run time. */
declare const addedTypes: unique symbol;

/**
 * Stands in front of an application: refuses, or passes the scope on, changed or not, and may look at what came of it.
 * `User` and `State` are what the scope has behind it; `unknown` for a middleware that leaves them alone.
 */
export interface Middleware<User = unknown, State = unknown> {
  (scope: ScopeOf, next: (scope: ScopeOf<NoParams, User, State>) => MaybePromise<Resolution>): MaybePromise<Resolution>;
  readonly [addedTypes]?: { readonly user: User; readonly state: State };
}

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

// In boxes: a union of the users themselves would swallow them as soon as one middleware adds none.
type AddedTypes<Middlewares extends readonly Middleware[]> = Intersection<
  {
    [Index in keyof Middlewares]: Middlewares[Index] extends Middleware<infer User, infer State>
      ? { readonly user: User; readonly state: State }
      : never;
  }[number]
>;
type AddedUser<Middlewares extends readonly Middleware[]> =
  AddedTypes<Middlewares> extends { readonly user: infer User } ? User : unknown;
type AddedState<Middlewares extends readonly Middleware[]> =
  AddedTypes<Middlewares> extends { readonly state: infer State } ? State : unknown;

/** What is relied on and was not added. */
type Remaining<Needed, Added> = unknown extends Added ? Needed : unknown;

// Anything when what the stack adds is what the application relies on, or when it adds nothing.
type RequireUser<Needed, Added> = unknown extends Added
  ? unknown
  : [Added] extends [Needed]
    ? unknown
    : { readonly requiredUser: Needed };
type RequireState<Needed, Added> = unknown extends Added
  ? unknown
  : [Added] extends [Needed]
    ? unknown
    : { readonly requiredState: Needed };

/** Middleware in front of an application: the first is the outermost, and the first to refuse. */
export function stack<const Middlewares extends readonly Middleware[]>(
  ...middlewares: Middlewares
): <User, State>(
  application: WebSocketApplication<User, State> &
    RequireUser<User, AddedUser<Middlewares>> &
    RequireState<State, AddedState<Middlewares>>,
) => WebSocketApplication<Remaining<User, AddedUser<Middlewares>>, Remaining<State, AddedState<Middlewares>>> {
  // Each link gets what the ones before it added; that this is what it relies on was checked above.
  type Link = (scope: ScopeOf) => MaybePromise<Resolution>;
  return (application) =>
    middlewares.reduceRight<Link>(
      (next, middleware) => (scope) => middleware(scope, next),
      application as WebSocketApplication<never, never> as Link,
    );
}
