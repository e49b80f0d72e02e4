import { useState } from "react";
import { useDescribeFailure } from "./use-describe-failure.ts";

export interface Action<A> {
  /** The argument of the run in progress. */
  readonly pending: A | undefined;
  /** Why the last run failed. */
  readonly problem: string | undefined;
  /** Starts a run, unless one is in progress. */
  readonly run: (argument: A) => void;
}

/** Runs an action on one item at a time, such as a button on each row of a list. */
export function useAction<A>(act: (argument: A) => Promise<unknown>): Action<A> {
  const [pending, setPending] = useState<A>();
  const [error, setError] = useState<{ readonly thrown: unknown }>();
  const describe = useDescribeFailure();

  async function start(argument: A): Promise<void> {
    setPending(argument);
    setError(undefined);
    try {
      await act(argument);
    } catch (thrown) {
      setError({ thrown });
    } finally {
      setPending(undefined);
    }
  }

  return {
    pending,
    problem: error === undefined ? undefined : describe(error.thrown),
    run(argument) {
      if (pending === undefined) void start(argument);
    },
  };
}
