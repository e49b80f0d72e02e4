import { type MatchedConsumer, type Resolution, refuse, type WebSocketApplication } from "../consumer/application.ts";
import type { RequireHandlers, ScopeTypesOf, WebSocketConsumerClass } from "../consumer/consumer-class.ts";
import { getHandlerTable } from "../consumer/handler-table.ts";
import type { NoParams, ParamsOf, ScopeOf, StateOf, UserOf } from "../consumer/scope.ts";
import { compilePathPattern, type RouteParams } from "./path-pattern.ts";
import { parsePathSegments } from "./path-segments.ts";

/** A path and its consumer, which relies on a `User` and a `State` in its scope. */
export interface Route<User = unknown, State = unknown> {
  readonly pattern: string;
  readonly resolve: (segments: readonly string[], scope: ScopeOf<NoParams, User, State>) => MatchedConsumer | undefined;
}

type RequireParams<Class, Pattern extends string> =
  RouteParams<Pattern> extends ParamsOf<ScopeTypesOf<Class>>
    ? unknown
    : { readonly missingParams: Exclude<keyof ParamsOf<ScopeTypesOf<Class>>, keyof RouteParams<Pattern>> };

/**
 * Does not compile when the consumer reads a parameter that the pattern does not have, or when an event of its map has
 * neither an encoder nor a method that takes it.
 * @throws InvalidRoute for a pattern that cannot be; InvalidConsumer when an event has an encoder and a method.
 */
export function route<const Pattern extends string, Class extends WebSocketConsumerClass>(
  pattern: Pattern,
  consumer: Class & RequireParams<Class, Pattern> & RequireHandlers<Class>,
): Route<UserOf<ScopeTypesOf<Class>>, StateOf<ScopeTypesOf<Class>>> {
  const compiled = compilePathPattern(pattern);
  getHandlerTable(consumer);
  return Object.freeze({
    pattern,
    resolve(segments: readonly string[], scope: ScopeOf): MatchedConsumer | undefined {
      const params = compiled.match(segments);
      if (params === undefined) return undefined;
      return { kind: "matched", consumer, scope: { ...scope, params }, guards: [] };
    },
  });
}

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
// In boxes: a union of the users themselves would swallow them as soon as one route relies on none.
type RequiredTypes<Routes extends readonly Route<never, never>[]> = Intersection<
  {
    [Index in keyof Routes]: Routes[Index] extends Route<infer User, infer State>
      ? { readonly user: User; readonly state: State }
      : never;
  }[number]
>;
type RequiredUser<Routes extends readonly Route<never, never>[]> =
  RequiredTypes<Routes> extends { readonly user: infer User } ? User : unknown;
type RequiredState<Routes extends readonly Route<never, never>[]> =
  RequiredTypes<Routes> extends { readonly state: infer State } ? State : unknown;

/**
 * The first route that fits, in the order given. No route: 404; a path that is not UTF-8: 400.
 * A path is compared segment by segment after decoding; a slash or control character within a segment is 404.
 */
export function urlRouter<const Routes extends readonly Route<never, never>[]>(
  routes: Routes,
): WebSocketApplication<RequiredUser<Routes>, RequiredState<Routes>> {
  const table = Object.freeze([...routes]);
  return (scope): Resolution => {
    const path = parsePathSegments(scope.path);
    if (path.kind === "malformed") return refuse(400, "the path is not percent-encoded UTF-8");
    if (path.kind === "segments") {
      for (const candidate of table) {
        // What each route needs is part of what the whole router asks of its scope.
        const matched = candidate.resolve(path.segments, scope as ScopeOf<NoParams, never, never>);
        if (matched !== undefined) return matched;
      }
    }
    return refuse(404, "nothing is served at this path");
  };
}
