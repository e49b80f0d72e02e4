import { useSyncExternalStore } from "react";

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

/** Room for the list and a conversation beside it. The same width as in the style sheets of the shell. */
export function useWide(): boolean {
  return useMedia("(min-width: 45rem)");
}

/** A keyboard is likely: a field may take the focus without one popping up. */
export function hasFinePointer(): boolean {
  return matchMedia("(pointer: fine)").matches;
}
