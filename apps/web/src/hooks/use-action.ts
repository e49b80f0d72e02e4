import { useState } from "react";
import { useDescribeFailure } from "./use-describe-failure.ts";

export interface Action<A> {
  /** The arguments of the runs in progress. */
  readonly pending: readonly A[];
  /** Why the last run that ended has failed. */
  readonly problem: string | undefined;
  /** Starts a run, unless one with the same argument is in progress: a double click acts once, and no other click is lost. */
  readonly run: (argument: A) => void;
}

/** For actions on what has an id, whose object changes with every event. */
export function hasSameId(a: { readonly id: string }, b: { readonly id: string }): boolean {
  return a.id === b.id;
}

/** Runs an action on one item, such as a button on each row of a list. */
export function useAction<A>(
  act: (argument: A) => Promise<unknown>,
  isSame: (argument: A, other: A) => boolean = Object.is,
): Action<A> {
  const [pending, setPending] = useState<readonly A[]>([]);
  const [error, setError] = useState<{ readonly thrown: unknown }>();
  const describe = useDescribeFailure();

  async function start(argument: A): Promise<void> {
    setPending((before) => [...before, argument]);
    setError(undefined);
    try {
      await act(argument);
    } catch (thrown) {
      setError({ thrown });
    } finally {
      setPending((before) => before.filter((other) => other !== argument));
    }
  }

  return {
    pending,
    problem: error === undefined ? undefined : describe(error.thrown),
    run(argument) {
      if (!pending.some((other) => isSame(argument, other))) void start(argument);
    },
  };
}
