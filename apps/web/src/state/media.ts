import { useSyncExternalStore } from "react";

/** The sidebar and a conversation fit side by side. The same width as in `shell.module.css`. */
const WIDE = matchMedia("(min-width: 45rem)");
/** A details pane fits beside these two. The same width as in `details.module.css`. */
const EXTRA_WIDE = matchMedia("(min-width: 64rem)");
const HOVER = matchMedia("(hover: hover)");
const FINE_POINTER = matchMedia("(pointer: fine)");

function subscribeTo(query: MediaQueryList): (listener: () => void) => () => void {
  return (listener) => {
    query.addEventListener("change", listener);
    return () => query.removeEventListener("change", listener);
  };
}

const subscribeWide = subscribeTo(WIDE);
const subscribeExtraWide = subscribeTo(EXTRA_WIDE);
const subscribeHover = subscribeTo(HOVER);

export function useWideLayout(): boolean {
  return useSyncExternalStore(subscribeWide, () => WIDE.matches);
}

/** Whether the details pane is shown beside the conversation, not in its place. */
export function fitsThreePanes(): boolean {
  return EXTRA_WIDE.matches;
}

export function useFitsThreePanes(): boolean {
  return useSyncExternalStore(subscribeExtraWide, fitsThreePanes);
}

/** Whether the primary pointer can hover. */
export function useCanHover(): boolean {
  return useSyncExternalStore(subscribeHover, () => HOVER.matches);
}

/** Whether a physical keyboard is likely, so that a field may take the focus without a virtual keyboard opening. */
export function hasFinePointer(): boolean {
  return FINE_POINTER.matches;
}
