import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { useWideLayout } from "../../state/media.ts";
import styles from "./popup.module.css";

interface PopupProps {
  /** Where it opens: the box of what opened it, in the window. */
  readonly anchor: DOMRect;
  /** `menu`: its buttons are to be menu items, and the arrow keys go through them. */
  readonly role: "menu" | "dialog";
  readonly label: string;
  /** Escape, Tab out of a menu, or a press beside it. Whoever opened it takes the focus back. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Pixels between it and what opened it, and the edge of the window. */
const GAP_PX = 4;

/** A small box beside what opened it; on a phone from below. Takes the focus when it appears. Mounted means open. */
export function Popup({ anchor, role, label, onClose, children }: PopupProps) {
  const box = useRef<HTMLDivElement>(null);
  const wide = useWideLayout();

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    element.style.left = wide ? `${computeLeft(element, anchor)}px` : "";
    element.style.top = wide ? `${computeTop(element, anchor)}px` : "";
  }, [anchor, wide]);

  useEffect(() => {
    const first = box.current?.querySelector<HTMLElement>("input, [role=menuitem], button");
    (first ?? box.current)?.focus({ preventScroll: true });
  }, []);

  // What it stands beside is somewhere else then. On a phone it stands beside nothing, and a keyboard may come up for it.
  useEffect(() => {
    if (!wide) return;
    window.addEventListener("resize", onClose);
    return () => window.removeEventListener("resize", onClose);
  }, [onClose, wide]);

  function onKeyDown(event: KeyboardEvent): void {
    // What is done in it is nobody's business below, although React hands it on there.
    event.stopPropagation();
    if (event.key === "Escape" || (event.key === "Tab" && role === "menu")) {
      event.preventDefault();
      onClose();
      return;
    }
    if (role !== "menu" || box.current === null) return;
    const items = [...box.current.querySelectorAll<HTMLElement>("[role=menuitem]")];
    const next = findNextItem(items, event.key);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }

  return createPortal(
    <>
      <div
        className={styles.scrim}
        onPointerDown={(event) => {
          event.preventDefault();
          event.stopPropagation();
          onClose();
        }}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its role is given, and the keys are for what is in it. */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have a label. */}
      <div ref={box} className={styles.popup} role={role} aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
        {children}
      </div>
    </>,
    // Within a landmark, where screen readers look for it.
    document.getElementById("main") ?? document.body,
  );
}

/** The item that a key goes to, around the ends. */
function findNextItem(items: readonly HTMLElement[], key: string): HTMLElement | undefined {
  const at = items.findIndex((item) => item.matches(":focus"));
  switch (key) {
    case "ArrowDown":
      return items[(at + 1) % items.length];
    case "ArrowUp":
      return items.at(at <= 0 ? -1 : at - 1);
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default:
      return undefined;
  }
}

/** Its end by the end of what opened it, and within the window. */
function computeLeft(element: HTMLElement, at: DOMRect): number {
  const { offsetWidth: width } = element;
  const left = document.documentElement.dir === "rtl" ? at.left : at.right - width;
  return Math.max(GAP_PX, Math.min(left, window.innerWidth - width - GAP_PX));
}

/** Below where there is place, else above. */
function computeTop(element: HTMLElement, at: DOMRect): number {
  const { offsetHeight: height } = element;
  const below = at.bottom + GAP_PX;
  if (below + height <= window.innerHeight - GAP_PX) return below;
  return Math.max(GAP_PX, Math.min(at.top - height - GAP_PX, window.innerHeight - height - GAP_PX));
}
