import { type MatchedConsumer, type Resolution, refuse, type WebSocketApplication } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { RequireHandlers, ScopeTypesOf, WebSocketConsumerClass } from "../consumer/consumer-class.ts";
import type { FrameGuard } from "../consumer/frame-guard.ts";
import { getHandlerTable } from "../consumer/handler-table.ts";
import type { NoParams, ParamsOf, ScopeOf, StateOf, UserOf } from "../consumer/scope.ts";
import { ChannelsError } from "../errors.ts";
import { compilePathPattern, type RouteParams } from "./path-pattern.ts";
import { parsePathSegments } from "./path-segments.ts";

/** Shared: each connection keeps its guards. */
const NO_GUARDS: readonly FrameGuard[] = Object.freeze([]);

/** A path pattern and its consumer or application, which requires `User` and `State` in its scope. */
export interface Route<User = unknown, State = unknown> {
  readonly pattern: string;
  readonly matches: (segments: readonly string[], path: string) => boolean;
  readonly resolve: (
    segments: readonly string[],
    scope: ScopeOf<NoParams, User, State>,
  ) => MaybePromise<Resolution> | undefined;
}

type RequireParams<Class, Pattern extends string> =
  RouteParams<Pattern> extends ParamsOf<ScopeTypesOf<Class>>
    ? unknown
    : { readonly missingParams: Exclude<keyof ParamsOf<ScopeTypesOf<Class>>, keyof RouteParams<Pattern>> };

/**
 * Routes a path pattern to a consumer. Does not compile when the consumer reads a parameter that the pattern does not
 * have, or when an event of its map has neither an encoder nor a method that accepts it.
 * @throws InvalidRoute for an invalid pattern; InvalidConsumer when an event has an encoder and a method.
 */
export function route<const Pattern extends string, Class extends WebSocketConsumerClass>(
  pattern: Pattern,
  consumer: Class & RequireParams<Class, Pattern> & RequireHandlers<Class>,
): Route<UserOf<ScopeTypesOf<Class>>, StateOf<ScopeTypesOf<Class>>> {
  const compiled = compilePathPattern(pattern);
  getHandlerTable(consumer);
  return Object.freeze({
    pattern,
    matches: (segments: readonly string[]) => compiled.match(segments) !== undefined,
    resolve(segments: readonly string[], scope: ScopeOf): MatchedConsumer | undefined {
      const params = compiled.match(segments);
      if (params === undefined) return undefined;
      return { kind: "matched", consumer, scope: { ...scope, params }, guards: NO_GUARDS };
    },
  });
}

/**
 * Routes the paths below a prefix to another application: a router, or middleware around one, which sees the rest of the path.
 * A path that it does not serve goes on to the next route.
 * @throws InvalidRoute for a prefix that is not literal text, such as "/admin" or "/api/v1".
 */
export function mount<User, State>(prefix: string, application: WebSocketApplication<User, State>): Route<User, State> {
  if (!/^(?:\/[^/:*?]+)+$/.test(prefix)) {
    throw new ChannelsError("InvalidRoute", {
      pattern: prefix,
      problem: 'expected literal text that starts and does not end with a slash, such as "/admin"',
    });
  }
  const literals = prefix.slice(1).split("/");
  const isBelow = (segments: readonly string[]): boolean =>
    segments.length >= literals.length && literals.every((text, index) => segments[index] === text);
  // The rest stays percent-encoded, as the application expects its paths.
  const restOf = (path: string): string =>
    `/${path
      .split("/")
      .slice(literals.length + 1)
      .join("/")}`;
  const matches = (segments: readonly string[], path: string): boolean =>
    isBelow(segments) && application.servesPath?.(restOf(path)) !== false;
  return Object.freeze({
    pattern: `${prefix}/*`,
    matches,
    resolve(segments: readonly string[], scope: ScopeOf<NoParams, User, State>): MaybePromise<Resolution> | undefined {
      if (!matches(segments, scope.path)) return undefined;
      const resolution = application({ ...scope, path: restOf(scope.path) });
      return resolution instanceof Promise
        ? resolution.then((resolved) => withPath(resolved, scope.path))
        : withPath(resolution, scope.path);
    },
  });
}

/** The consumer sees the whole path. */
function withPath(resolution: Resolution, path: string): Resolution {
  return resolution.kind === "refused" ? resolution : { ...resolution, scope: { ...resolution.scope, path } };
}

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
// The types are wrapped in objects because a union of plain types with `unknown` is `unknown`.
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
 * Routes a WebSocket to the first route that matches its path. Refuses with 404 if none does or if a decoded segment
 * contains a slash or a control character, and with 400 if the path is not percent-encoded UTF-8.
 */
export function urlRouter<const Routes extends readonly Route<never, never>[]>(
  routes: Routes,
): WebSocketApplication<RequiredUser<Routes>, RequiredState<Routes>> {
  const table = Object.freeze([...routes]);
  const servesPath = (path: string): boolean => {
    const parsed = parsePathSegments(path);
    return parsed.kind === "segments" && table.some(({ matches }) => matches(parsed.segments, path));
  };
  const application = (
    scope: ScopeOf<NoParams, RequiredUser<Routes>, RequiredState<Routes>>,
  ): MaybePromise<Resolution> => {
    const path = parsePathSegments(scope.path);
    if (path.kind === "malformed") return refuse(400, "the path is not percent-encoded UTF-8");
    if (path.kind === "segments") {
      for (const candidate of table) {
        // The router requires the types of all its routes, so the scope has those of this one.
        const matched = candidate.resolve(path.segments, scope as ScopeOf<NoParams, never, never>);
        if (matched !== undefined) return matched;
      }
    }
    return refuse(404, "no such path");
  };
  return Object.assign(application, { servesPath });
}
