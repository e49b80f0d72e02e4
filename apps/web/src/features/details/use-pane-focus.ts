import { type RefObject, useEffect, useRef } from "react";
import { takeOpener } from "../../navigation/room-navigation.ts";

/**
 * Moves the focus into the details when the user opens them (a reload leaves it alone), and back to the opener when they close.
 *
 * @param paneName the pane that is shown
 */
export function usePaneFocus(container: RefObject<HTMLElement | null>, paneName: string): void {
  const returnTarget = useRef<HTMLElement>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each pane may have been opened by the user.
  useEffect(() => {
    const opener = takeOpener();
    if (opener === undefined) return;
    const { current } = container;
    if (current?.contains(opener) === false) returnTarget.current = opener;
    const target = current?.querySelector<HTMLElement>("[data-first-focus]") ?? current?.querySelector("h2");
    target?.focus({ preventScroll: true });
  }, [container, paneName]);

  useEffect(() => {
    const element = container.current;
    return () => {
      // The focused element of the pane is about to be removed, if it is not already.
      queueMicrotask(() => {
        const { activeElement } = document;
        if (activeElement !== null && activeElement !== document.body && !element?.contains(activeElement)) return;
        const target = returnTarget.current?.isConnected ? returnTarget.current : document.getElementById("main");
        target?.focus({ preventScroll: true });
      });
    };
  }, [container]);
}
