import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { useWideLayout } from "../../state/media.ts";
import styles from "./popup.module.css";

interface PopupProps {
  /** The bounding box of the element that opened the popup. */
  readonly anchor: DOMRect;
  /** Which edges of the popup and the anchor are in line. @default "end" */
  readonly align?: "start" | "end";
  /** `menu`: its buttons must be menu items, and the arrow keys move between them. */
  readonly role: "menu" | "dialog";
  readonly label: string;
  /** Called on Escape, Tab out of a menu, or a press outside. The opener takes the focus back. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The distance to the anchor and to the edges of the window. */
const GAP_PX = 4;

/** A small box beside its anchor; on a phone a sheet from below. It takes the focus when it appears, and is open while mounted. */
export function Popup({ anchor, align = "end", role, label, onClose, children }: PopupProps) {
  const box = useRef<HTMLDivElement>(null);
  const wide = useWideLayout();

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    element.style.left = wide ? `${computeLeft(element, anchor, align)}px` : "";
    element.style.top = wide ? `${computeTop(element, anchor)}px` : "";
  }, [anchor, align, wide]);

  useEffect(() => {
    const target = box.current?.querySelector<HTMLElement>("input, [role=menuitem], button");
    (target ?? box.current)?.focus({ preventScroll: true });
  }, []);

  // A resize moves the anchor. On a phone the popup has none, and a virtual keyboard may open for it.
  useEffect(() => {
    if (!wide) return;
    window.addEventListener("resize", onClose);
    return () => window.removeEventListener("resize", onClose);
  }, [onClose, wide]);

  function onKeyDown(event: KeyboardEvent): void {
    // React bubbles events through the portal to components that they do not concern.
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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it has a role, and the keys are for its contents. */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles support a label. */}
      <div ref={box} className={styles.popup} role={role} aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
        {children}
      </div>
    </>,
    // Inside a landmark, where screen readers find it.
    document.getElementById("main") ?? document.body,
  );
}

/** Returns the item that a key moves to, wrapping around. */
function findNextItem(items: readonly HTMLElement[], key: string): HTMLElement | undefined {
  const current = items.findIndex((item) => item.matches(":focus"));
  switch (key) {
    case "ArrowDown":
      return items[(current + 1) % items.length];
    case "ArrowUp":
      return items.at(current <= 0 ? -1 : current - 1);
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default:
      return undefined;
  }
}

/** Aligns an edge of the popup with that of the anchor, within the window. */
function computeLeft(element: HTMLElement, anchor: DOMRect, align: "start" | "end"): number {
  const { offsetWidth: width } = element;
  const isAtLeft = (document.documentElement.dir === "rtl") === (align === "end");
  const left = isAtLeft ? anchor.left : anchor.right - width;
  return Math.max(GAP_PX, Math.min(left, window.innerWidth - width - GAP_PX));
}

/** Places the popup below the anchor if it fits there, else above. */
function computeTop(element: HTMLElement, anchor: DOMRect): number {
  const { offsetHeight: height } = element;
  const below = anchor.bottom + GAP_PX;
  if (below + height <= window.innerHeight - GAP_PX) return below;
  return Math.max(GAP_PX, Math.min(anchor.top - height - GAP_PX, window.innerHeight - height - GAP_PX));
}
