import type { Resolution, WebSocketApplication } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { NoScopeTypes, ScopeTypes, StateOf, UserOf, WebSocketScope } from "../consumer/scope.ts";

/** Carries what a middleware adds in its type; nothing exists of it at run time. */
export declare const addsOf: unique symbol;

/**
 * Stands in front of an application: refuses, or passes the scope on, changed or not, and may look at what came of it.
 * `Adds` is what the scope has behind it.
 */
export interface Middleware<Adds extends ScopeTypes = NoScopeTypes> {
  (scope: WebSocketScope, next: (scope: WebSocketScope<Adds>) => MaybePromise<Resolution>): MaybePromise<Resolution>;
  readonly [addsOf]?: Adds;
}

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

type AddsOf<Middlewares extends readonly Middleware<ScopeTypes>[]> = Intersection<
  { [Index in keyof Middlewares]: Middlewares[Index] extends Middleware<infer Adds> ? Adds : never }[number]
>;

/** What is still needed in front of the stack. */
export interface NeedsBeside<Needs extends ScopeTypes, Adds> {
  readonly user: Adds extends { readonly user: unknown } ? unknown : UserOf<Needs>;
  readonly state: Adds extends { readonly state: unknown } ? unknown : StateOf<Needs>;
}

// Anything when what the stack adds is what the application relies on.
type Fitting<Needs extends ScopeTypes, Adds> = Adds extends { readonly user: infer User }
  ? User extends UserOf<Needs>
    ? FittingState<Needs, Adds>
    : { readonly userThatTheConsumersExpect: UserOf<Needs> }
  : FittingState<Needs, Adds>;

type FittingState<Needs extends ScopeTypes, Adds> = Adds extends { readonly state: infer State }
  ? State extends StateOf<Needs>
    ? unknown
    : { readonly stateThatTheConsumersExpect: StateOf<Needs> }
  : unknown;

/** Middleware in front of an application: the first is the outermost, and the first to refuse. */
export function stack<const Middlewares extends readonly Middleware<ScopeTypes>[]>(
  ...middlewares: Middlewares
): <Needs extends ScopeTypes>(
  application: WebSocketApplication<Needs> & Fitting<Needs, AddsOf<Middlewares>>,
) => WebSocketApplication<NeedsBeside<Needs, AddsOf<Middlewares>>> {
  return <Needs extends ScopeTypes>(application: WebSocketApplication<Needs>) => {
    // Each member of the chain gets what the ones before it added; that it is what it needs was checked above.
    type Link = (scope: WebSocketScope) => MaybePromise<Resolution>;
    return middlewares.reduceRight<Link>(
      (next, middleware) => (scope) =>
        middleware(scope, next as (scope: WebSocketScope<ScopeTypes>) => MaybePromise<Resolution>),
      application as Link,
    );
  };
}
