import { useCallback, useEffect, useState } from "react";

export type LoadState<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "loaded"; readonly value: T };

export interface LoadedResource<T> {
  readonly state: LoadState<T>;
  /** Loads again; the current value stays until the answer arrives. */
  readonly reload: () => void;
  /** Updates the value from the answer to a change, without loading again. */
  readonly update: (change: (value: T) => T) => void;
}

/** Loads a value when the component mounts. `load` must be the same function on every render. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): LoadedResource<T> {
  const [state, setState] = useState<LoadState<T>>({ kind: "loading" });
  const [generation, setGeneration] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation loads again.
  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) setState({ kind: "loaded", value });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ kind: "failed", error });
      },
    );
    return () => abort.abort();
  }, [load, generation]);

  return {
    state,
    reload: useCallback(() => setGeneration((previous) => previous + 1), []),
    update: useCallback((change) => {
      setState((previous) =>
        previous.kind === "loaded" ? { kind: "loaded", value: change(previous.value) } : previous,
      );
    }, []),
  };
}
