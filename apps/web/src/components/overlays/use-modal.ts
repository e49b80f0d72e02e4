import { type RefObject, useLayoutEffect } from "react";

/**
 * Shows a native modal dialog while the component is mounted: the browser keeps the focus inside, and it returns afterwards.
 *
 * @param content what has the element that takes the focus: the browser would take the close button
 */
export function useModal(dialog: RefObject<HTMLDialogElement | null>, content: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    const opener = document.activeElement;
    element.showModal();
    content.current?.querySelector<HTMLElement>("input, textarea, select, button, a[href]")?.focus();
    return () => {
      // Removed, not closed: Chromium gives the focus back as a dialog closes, and if that is then removed, the field has no caret
      // and swallows what is typed.
      element.remove();
      const main = document.getElementById("main");
      const focusTarget = opener?.isConnected ? opener : main;
      if (focusTarget instanceof HTMLElement) focusTarget.focus();
      // The same update may remove the opener, with what was deleted here.
      queueMicrotask(() => {
        if (document.activeElement === document.body) main?.focus();
      });
    };
  }, [dialog, content]);
}
