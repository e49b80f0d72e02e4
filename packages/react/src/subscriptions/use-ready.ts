import * as React from "react";

/** What `useSubscription` returns, or a subscription of `client.subscribe`. */
export interface ReadySource<Reply> {
  readonly ready: Promise<Reply>;
  readonly phase?: string;
  readonly reply?: Reply | undefined;
  readonly error?: unknown;
  /** Of a subscription of `client.subscribe`, in place of the three above. */
  readonly state?: {
    get(): { readonly phase: string; readonly reply?: Reply | undefined; readonly error?: unknown };
    subscribe(listener: () => void): () => void;
  };
}

const neverChanges = (): (() => void) => () => {};
const getNothing = (): undefined => undefined;

/**
 * Returns the last reply of a subscription that was made above: by `useSubscription` in a component outside of the Suspense
 * boundary, or by `client.subscribe`. Suspends until the first reply, and throws once the subscription has ended. Needs React 19.
 */
export function useReady<Reply>(source: ReadySource<Reply>): Reply {
  if (typeof React.use !== "function") throw new Error(`Expected React 19 for useReady, got ${React.version}.`);
  const { ready, state } = source;
  const get = state?.get ?? getNothing;
  const { phase, reply, error } = React.useSyncExternalStore(state?.subscribe ?? neverChanges, get, get) ?? source;
  if (phase === "ended") throw error;
  // Before `ready`: a connection that was refused before the first reply has rejected it, and the next one may have a reply.
  if (phase === "active" || reply !== undefined) return reply as Reply;
  return React.use(ready);
}
