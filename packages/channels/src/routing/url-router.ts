import { type Matched, type Resolution, refuse, type WebSocketApplication } from "../consumer/application.ts";
import type { Handled, ScopeTypesOf, WebSocketConsumerClass } from "../consumer/consumer-class.ts";
import { planOf } from "../consumer/event-plan.ts";
import type { ParamsOf, ScopeTypes, StateOf, UserOf, WebSocketScope } from "../consumer/scope.ts";
import { pathPattern, type RouteParams } from "./path-pattern.ts";
import { pathSegments } from "./path-segments.ts";

/** What consumers still need when their route has provided the parameters. */
export interface NeedsBesideParams<Types extends ScopeTypes> {
  readonly user: UserOf<Types>;
  readonly state: StateOf<Types>;
}

/** A path and its consumer. */
export interface Route<Needs extends ScopeTypes> {
  readonly pattern: string;
  readonly resolve: (segments: readonly string[], scope: WebSocketScope<Needs>) => Matched | undefined;
}

type FittingParams<Class, Pattern extends string> =
  RouteParams<Pattern> extends ParamsOf<ScopeTypesOf<Class>>
    ? unknown
    : { readonly paramsThatThePatternLacks: Exclude<keyof ParamsOf<ScopeTypesOf<Class>>, keyof RouteParams<Pattern>> };

/**
 * Does not compile when the consumer reads a parameter that the pattern does not have, or when an event of its map has
 * neither an encoder nor a method that takes it.
 * @throws InvalidRoute for a pattern that cannot be; InvalidConsumer when an event has an encoder and a method.
 */
export function route<const Pattern extends string, Class extends WebSocketConsumerClass>(
  pattern: Pattern,
  consumer: Class & FittingParams<Class, Pattern> & Handled<Class>,
): Route<NeedsBesideParams<ScopeTypesOf<Class>>> {
  const compiled = pathPattern(pattern);
  planOf(consumer);
  return Object.freeze({
    pattern,
    resolve(segments: readonly string[], scope: WebSocketScope<ScopeTypes>): Matched | undefined {
      const params = compiled.match(segments);
      if (params === undefined) return undefined;
      return { kind: "matched", consumer, scope: { ...scope, params }, guards: [] };
    },
  });
}

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
type NeedsOf<Routes extends readonly Route<never>[]> = Intersection<
  { [Index in keyof Routes]: Routes[Index] extends Route<infer Needs> ? Needs : never }[number]
>;

/**
 * The first route that fits, in the order given. No route: 404; a path that is not UTF-8: 400.
 * A path is compared segment by segment after decoding; a slash or control character within a segment is 404.
 */
export function urlRouter<const Routes extends readonly Route<never>[]>(
  routes: Routes,
): WebSocketApplication<NeedsOf<Routes> & ScopeTypes> {
  const table = Object.freeze([...routes]);
  return (scope): Resolution => {
    const path = pathSegments(scope.path);
    if (path.kind === "malformed") return refuse(400, "the path is not percent-encoded UTF-8");
    if (path.kind === "segments") {
      for (const candidate of table) {
        // What each route needs is part of what the whole router asks of its scope.
        const matched = candidate.resolve(path.segments, scope as WebSocketScope<never>);
        if (matched !== undefined) return matched;
      }
    }
    return refuse(404, "nothing is served at this path");
  };
}
