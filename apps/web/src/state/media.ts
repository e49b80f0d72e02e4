import { useSyncExternalStore } from "react";

/** Room for the list and a conversation beside it. The same width as in the style sheets of the shell. */
const WIDE = matchMedia("(min-width: 45rem)");
/** Room for a third pane beside these. The same width as in the style sheet of the details. */
const EXTRA_WIDE = matchMedia("(min-width: 64rem)");
const HOVER = matchMedia("(hover: hover)");
const FINE_POINTER = matchMedia("(pointer: fine)");

function subscribeWide(listener: () => void): () => void {
  WIDE.addEventListener("change", listener);
  return () => WIDE.removeEventListener("change", listener);
}

export function useWideLayout(): boolean {
  return useSyncExternalStore(subscribeWide, () => WIDE.matches);
}

/** Whether the details stand beside the conversation, not in its place. */
export function fitsThreePanes(): boolean {
  return EXTRA_WIDE.matches;
}

function subscribeThirdPane(listener: () => void): () => void {
  EXTRA_WIDE.addEventListener("change", listener);
  return () => EXTRA_WIDE.removeEventListener("change", listener);
}

export function useFitsThreePanes(): boolean {
  return useSyncExternalStore(subscribeThirdPane, fitsThreePanes);
}

function subscribeHover(listener: () => void): () => void {
  HOVER.addEventListener("change", listener);
  return () => HOVER.removeEventListener("change", listener);
}

/** Whether one can point at something without touching it. */
export function useCanHover(): boolean {
  return useSyncExternalStore(subscribeHover, () => HOVER.matches);
}

/** A keyboard is likely: a field may take the focus without one popping up. */
export function hasFinePointer(): boolean {
  return FINE_POINTER.matches;
}
