import { useState } from "react";
import { useDescribeFailure } from "./use-describe-failure.ts";

export interface Action<A> {
  /** What it was run with, while it is under way. */
  readonly pending: A | undefined;
  /** Why the last run came to nothing. */
  readonly problem: string | undefined;
  /** One at a time: while one is under way, nothing more is begun. */
  readonly run: (argument: A) => void;
}

/** Something that is done to one of many: a button in each line of a list. */
export function useAction<A>(act: (argument: A) => Promise<unknown>): Action<A> {
  const [pending, setBusyWith] = useState<A>();
  const [error, setError] = useState<{ readonly thrown: unknown }>();
  const describe = useDescribeFailure();

  async function start(argument: A): Promise<void> {
    setBusyWith(argument);
    setError(undefined);
    try {
      await act(argument);
    } catch (thrown) {
      setError({ thrown });
    } finally {
      setBusyWith(undefined);
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
