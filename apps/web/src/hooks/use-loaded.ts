import { useCallback, useEffect, useState } from "react";

export type LoadState<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "here"; readonly value: T };

export interface LoadedResource<T> {
  readonly state: LoadState<T>;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
  /** Puts in what one knows already, from the answer to a change. */
  readonly update: (change: (value: T) => T) => void;
}

/** Something that the server is asked for when the component appears. `load` must not change from one drawing to the next. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): LoadedResource<T> {
  const [state, setState] = useState<LoadState<T>>({ kind: "loading" });
  const [generation, setGeneration] = useState(0);

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
  }, [load, generation]);

  return {
    state,
    reload: useCallback(() => setGeneration((before) => before + 1), []),
    update: useCallback((change) => {
      setState((before) => (before.kind === "here" ? { kind: "here", value: change(before.value) } : before));
    }, []),
  };
}
