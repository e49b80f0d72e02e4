import type { RefusedHandshake, Resolution, WebSocketApplication } from "../consumer/application.ts";
import type { MaybePromise } from "../consumer/consumer.ts";
import type { NoParams, ScopeOf } from "../consumer/scope.ts";
import { ChannelsError } from "../errors.ts";
import { type Link, wrap } from "./link.ts";
import type { Remaining, RequireState, RequireUser } from "./middleware.ts";

/** Middleware that sees what the chain before it adds. `NextUser` and `NextState` are what the scope has after it. */
export type ChainedMiddleware<User, State, NextUser, NextState> = (
  scope: ScopeOf<NoParams, User, State>,
  next: (scope: ScopeOf<NoParams, NextUser, NextState>) => MaybePromise<Resolution>,
) => MaybePromise<Resolution>;

// A member of the state has one owner.
type RequireNew<State, Added> = keyof Added & keyof State extends never
  ? unknown
  : { readonly alreadyProvided: keyof Added & keyof State };

type NextUserOf<User, NextUser> = unknown extends NextUser ? User : NextUser;

/** Middleware in order, which wraps an application when it is called with one. Immutable: each method returns a longer chain. */
export interface Chain<User = unknown, State = unknown> {
  /** Wraps an application: a router, or other middleware around one. The first middleware of the chain is the outermost. */
  <NeededUser, NeededState>(
    application: WebSocketApplication<NeededUser, NeededState> &
      RequireUser<NeededUser, User> &
      RequireState<NeededState, State>,
  ): WebSocketApplication<Remaining<NeededUser, User>, Remaining<NeededState, State>>;

  /** Adds middleware, such as `originValidator()` and `authMiddleware(...)`. */
  use<NextUser, NextState>(
    middleware: ChainedMiddleware<User, State, NextUser, NextState>,
  ): Chain<NextUserOf<User, NextUser>, State & NextState>;

  /**
   * Adds members to `scope.state`: what a consumer needs, such as a database, a tenant or a feature flag. The function sees what
   * the chain has added before it, and can refuse the handshake instead (`refuse`).
   */
  provide<Added extends object>(
    make: ((scope: ScopeOf<NoParams, User, State>) => MaybePromise<Added | RefusedHandshake>) &
      RequireNew<State, Added>,
  ): Chain<User, State & Added>;
}

/** Starts a chain of middleware: `chain().use(originValidator()).use(authMiddleware(findUser)).provide(findTenant)`. */
export function chain(): Chain {
  return createChain([]);
}

function createChain<User, State>(links: readonly Link[]): Chain<User, State> {
  // The types of the methods check what the casts leave out.
  const extend = (link: Link): Chain<never, never> => createChain([...links, link]);
  const wrapApplication = (application: WebSocketApplication<never, never>): WebSocketApplication =>
    wrap(application, links);
  const provide = (make: (scope: ScopeOf) => MaybePromise<object>): Chain<never, never> =>
    extend(async (scope, next) => {
      const made = await make(scope);
      if (isRefusal(made)) return made;
      const known = (scope.state ?? {}) as object;
      for (const key of Object.keys(made)) {
        if (Object.hasOwn(known, key)) throw new ChannelsError("StateReplaced", { key });
      }
      return next({ ...scope, state: { ...known, ...made } });
    });
  return Object.assign(wrapApplication, { use: extend, provide }) as unknown as Chain<User, State>;
}

function isRefusal(made: object): made is RefusedHandshake {
  return "kind" in made && made.kind === "refused" && "status" in made;
}
