import { useCallback, useEffect, useState } from "react";

export type Loaded<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "here"; readonly value: T };

export interface Loading<T> {
  readonly state: Loaded<T>;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
  /** Puts in what one knows already, from the answer to a change. */
  readonly set: (change: (value: T) => T) => void;
}

/** Something that the server is asked for when the component appears. `load` must not change from one drawing to the next. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): Loading<T> {
  const [state, setState] = useState<Loaded<T>>({ kind: "loading" });
  const [turn, setTurn] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is a new question.
  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) setState({ kind: "here", value });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ kind: "failed", error });
      },
    );
    return () => abort.abort();
  }, [load, turn]);

  return {
    state,
    reload: useCallback(() => setTurn((before) => before + 1), []),
    set: useCallback((change) => {
      setState((before) => (before.kind === "here" ? { kind: "here", value: change(before.value) } : before));
    }, []),
  };
}
