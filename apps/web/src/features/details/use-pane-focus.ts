import { type RefObject, useEffect, useRef } from "react";
import { takeOpener } from "../../navigation/room-navigation.ts";

/**
 * The focus goes into the details when they were opened by hand (a reload leaves it where it is), and back to what opened
 * them when they close.
 *
 * @param shown what is shown in them
 */
export function usePaneFocus(place: RefObject<HTMLElement | null>, shown: string): void {
  const back = useRef<HTMLElement>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with each other pane, it may have been opened by hand.
  useEffect(() => {
    const opener = takeOpener();
    if (opener === undefined) return;
    const { current } = place;
    if (current?.contains(opener) === false) back.current = opener;
    const first = current?.querySelector<HTMLElement>("[data-first-focus]") ?? current?.querySelector("h2");
    first?.focus({ preventScroll: true });
  }, [place, shown]);

  useEffect(() => {
    const element = place.current;
    return () => {
      // Whatever had the focus in here is gone a moment later, if it is not already.
      queueMicrotask(() => {
        const { activeElement } = document;
        if (activeElement !== null && activeElement !== document.body && !element?.contains(activeElement)) return;
        const to = back.current?.isConnected ? back.current : document.getElementById("main");
        to?.focus({ preventScroll: true });
      });
    };
  }, [place]);
}
