import type { Resolution, WebSocketApplication } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { ScopeOf } from "../consumer/scope.ts";
import { ChannelsError } from "../errors.ts";

type Next = (scope: ScopeOf) => MaybePromise<Resolution>;

/** Middleware without its types, which `stack` and `chain` have checked. */
export type Link = (scope: ScopeOf, next: Next) => MaybePromise<Resolution>;

/** Wraps an application in middleware, the first one outermost, so that their state accumulates. */
export function wrap(application: WebSocketApplication<never, never>, links: readonly Link[]): WebSocketApplication {
  const { servesPath } = application;
  const wrapped = links.reduceRight<Next>(
    (next, link) => (scope) => link(scope, (changed) => next(accumulate(scope, changed))),
    // The types of `stack` and `chain` have checked that the scope has what it requires.
    application as WebSocketApplication,
  );
  return Object.assign((scope: ScopeOf) => wrapped(scope), servesPath === undefined ? {} : { servesPath });
}

/** Returns the changed scope with the state of both. @throws StateReplaced. */
function accumulate(scope: ScopeOf, changed: ScopeOf): ScopeOf {
  if (changed.state === scope.state || !isObject(scope.state)) return changed;
  const added = isObject(changed.state) ? changed.state : {};
  for (const key of Object.keys(scope.state)) {
    if (Object.hasOwn(added, key) && added[key] !== scope.state[key]) throw new ChannelsError("StateReplaced", { key });
  }
  return { ...changed, state: { ...scope.state, ...added } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
