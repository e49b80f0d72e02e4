import * as React from "react";

/** What `useSubscription` returns, or a subscription of `client.subscribe`. */
export interface ReadySource<Reply> {
  readonly ready: Promise<Reply>;
  readonly phase?: string;
  readonly reply?: Reply | undefined;
  readonly error?: unknown;
}

/**
 * Returns the last reply of a subscription that was made above: by `useSubscription` in a component outside of the Suspense
 * boundary, or by `client.subscribe`. Suspends until the first reply, and throws once the subscription has ended. Needs React 19.
 */
export function useReady<Reply>({ ready, phase, reply, error }: ReadySource<Reply>): Reply {
  if (typeof React.use !== "function") throw new Error(`Expected React 19 for useReady, got ${React.version}.`);
  // In each render: React follows the promise by its position.
  const first = React.use(ready);
  if (phase === "ended") throw error;
  return reply ?? first;
}
