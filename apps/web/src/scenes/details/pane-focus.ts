import { type RefObject, useEffect } from "react";
import { takeOpener } from "../chat/navigation.ts";

/**
 * The focus goes into the details when they were opened by hand (a reload leaves it where it is), and back to what opened
 * them when they close.
 */
export function usePaneFocus(place: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = place.current;
    const opener = takeOpener();
    if (opener !== undefined) {
      element?.querySelector<HTMLElement>("[data-first-focus], h2")?.focus({ preventScroll: true });
    }
    return () => {
      // Whatever had the focus in here is gone a moment later, if it is not already.
      queueMicrotask(() => {
        const { activeElement } = document;
        if (activeElement !== null && activeElement !== document.body && !element?.contains(activeElement)) return;
        const back = opener?.isConnected ? opener : document.getElementById("main");
        back?.focus({ preventScroll: true });
      });
    };
  }, [place]);
}
