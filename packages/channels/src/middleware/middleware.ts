import type { Resolution, WebSocketApplication } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { NoParams, ScopeOf } from "../consumer/scope.ts";
import { type Link, wrap } from "./link.ts";

/** The key under which a middleware's type carries what it adds. It does not exist at run time. */
declare const addedTypes: unique symbol;

/**
 * Wraps an application: refuses the handshake, or passes a scope on, and can change the resolution. `User` and `State`
 * are the types that the scope has afterwards; `unknown` for a middleware that adds none.
 */
export interface Middleware<User = unknown, State = unknown> {
  (scope: ScopeOf, next: (scope: ScopeOf<NoParams, User, State>) => MaybePromise<Resolution>): MaybePromise<Resolution>;
  readonly [addedTypes]?: { readonly user: User; readonly state: State };
}

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

// The types are wrapped in objects because a union of plain types with `unknown` is `unknown`.
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

/** The required type that no middleware added. */
export type Remaining<Needed, Added> = unknown extends Added ? Needed : unknown;

// `unknown` when the stack adds the type that the application requires, or adds none.
export type RequireUser<Needed, Added> = unknown extends Added
  ? unknown
  : [Added] extends [Needed]
    ? unknown
    : { readonly requiredUser: Needed };
export type RequireState<Needed, Added> = unknown extends Added
  ? unknown
  : [Added] extends [Needed]
    ? unknown
    : { readonly requiredState: Needed };

/**
 * Wraps an application in middleware. The first one is the outermost. What they add to `scope.state` accumulates; a member
 * that another one has added cannot be replaced (StateReplaced). Use `chain` where one needs what an earlier one adds.
 */
export function stack<const Middlewares extends readonly Middleware[]>(
  ...middlewares: Middlewares
): <User, State>(
  application: WebSocketApplication<User, State> &
    RequireUser<User, AddedUser<Middlewares>> &
    RequireState<State, AddedState<Middlewares>>,
) => WebSocketApplication<Remaining<User, AddedUser<Middlewares>>, Remaining<State, AddedState<Middlewares>>> {
  // The parameter types above check that each application gets what it requires.
  return (application) => wrap(application as WebSocketApplication<never, never>, middlewares as readonly Link[]);
}
