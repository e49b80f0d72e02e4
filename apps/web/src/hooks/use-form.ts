import { type FormEvent, useState } from "react";
import { RequestFailed } from "../connection/http.ts";
import { toSentence, useDescribeFailure } from "./use-describe-failure.ts";

export interface Form {
  readonly busy: boolean;
  /** The error of the form as a whole. */
  readonly problem: string | undefined;
  /** Returns the error of one field, by its path in the request body. */
  readonly problemOf: (path: string) => string | undefined;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  /** Submits without a form element, from a single button. */
  readonly run: () => void;
}

/** Submits a form once at a time, and assigns the server's errors to their fields. */
export function useForm(fields: readonly string[], send: () => Promise<void>): Form {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const describe = useDescribeFailure();

  const issues = error instanceof RequestFailed ? error.issues.filter((issue) => fields.includes(issue.path)) : [];

  async function submit(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await send();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  }

  function run(): void {
    if (!busy) void submit();
  }

  return {
    busy,
    problem: error === undefined || issues.length > 0 ? undefined : describe(error),
    problemOf(path) {
      const message = issues.find((issue) => issue.path === path)?.message;
      return message === undefined ? undefined : toSentence(message);
    },
    onSubmit(event) {
      event.preventDefault();
      run();
    },
    run,
  };
}
