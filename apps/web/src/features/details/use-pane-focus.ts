import { type RefObject, useEffect, useRef } from "react";
import { takeOpener } from "../../navigation/room-navigation.ts";

/**
 * The focus goes into the details when they were opened by hand (a reload leaves it where it is), and back to what opened
 * them when they close.
 *
 * @param paneName what is shown in them
 */
export function usePaneFocus(container: RefObject<HTMLElement | null>, paneName: string): void {
  const returnTarget = useRef<HTMLElement>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with each other pane, it may have been opened by hand.
  useEffect(() => {
    const opener = takeOpener();
    if (opener === undefined) return;
    const { current } = container;
    if (current?.contains(opener) === false) returnTarget.current = opener;
    const first = current?.querySelector<HTMLElement>("[data-first-focus]") ?? current?.querySelector("h2");
    first?.focus({ preventScroll: true });
  }, [container, paneName]);

  useEffect(() => {
    const element = container.current;
    return () => {
      // Whatever had the focus in here is gone a moment later, if it is not already.
      queueMicrotask(() => {
        const { activeElement } = document;
        if (activeElement !== null && activeElement !== document.body && !element?.contains(activeElement)) return;
        const target = returnTarget.current?.isConnected ? returnTarget.current : document.getElementById("main");
        target?.focus({ preventScroll: true });
      });
    };
  }, [container]);
}
