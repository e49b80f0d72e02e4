import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { AT_END_PX } from "./list-viewport.ts";

/** How long after a wheel, touch or key a scroll can be its effect: browsers scroll smoothly. */
const INPUT_EFFECT_MS = 1_000;

const INPUT_EVENTS = ["wheel", "touchmove", "keydown", "pointerdown"] as const;

interface Options {
  /** Whether the list follows new messages: for handlers that run between renders. */
  readonly isFollowing: RefObject<boolean>;
  readonly scroller: RefObject<HTMLElement | null>;
  /** Called when the wheel turns upwards, also where nothing is left to scroll. */
  readonly onWheelUp: RefObject<() => void>;
}

export interface FollowNewest {
  /** The same as `isFollowing`, for rendering. */
  readonly atEnd: boolean;
  readonly setFollowing: (following: boolean) => void;
  /** Follows again, whatever scrolling by an earlier input is still under way: sending a message, or a button, asks for it. */
  readonly resumeFollowing: () => void;
  readonly scrollToEnd: () => void;
  readonly onScroll: () => void;
}

/**
 * Keeps the list at its newest message, whatever changes its height or that of its rows: a tall message, the composer, a banner, the
 * window. Only the user's own input (wheel, touch, key, scrollbar) that moves the list up releases it, and what scrolls without any
 * height changing, such as the browser's search in the page or a screen reader. Reaching the end takes it again.
 */
export function useFollowNewest({ isFollowing, scroller, onWheelUp }: Options): FollowNewest {
  const [atEnd, setAtEnd] = useState(true);
  const lastOffset = useRef(0);
  const lastHeights = useRef("");
  const inputUntil = useRef(0);
  /** Until then, without another input, a scroll is the rest of one that began before following was resumed. */
  const ignoredUntil = useRef(0);
  const isPointerDown = useRef(false);
  /** Set from the wheel turning upwards until its scroll leaves the end: rendering in between must not undo the scroll. */
  const leavingTimer = useRef(0);

  const setFollowing = useCallback(
    (following: boolean) => {
      clearTimeout(leavingTimer.current);
      leavingTimer.current = 0;
      isFollowing.current = following;
      setAtEnd(following);
    },
    [isFollowing],
  );

  const resumeFollowing = useCallback(() => {
    ignoredUntil.current = inputUntil.current;
    inputUntil.current = 0;
    setFollowing(true);
  }, [setFollowing]);

  const scrollToEnd = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    element.scrollTop = element.scrollHeight;
    lastHeights.current = describeHeights(element);
  }, [scroller]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    // On a busy machine a frame can be longer than the time between two renders, each of which would scroll back.
    const stay = (): void => {
      setFollowing(true);
      // A small turn keeps its place, until something new comes.
      if (element.scrollHeight - element.scrollTop - element.clientHeight >= AT_END_PX) scrollToEnd();
    };
    const startLeaving = (): void => {
      if (!isFollowing.current && leavingTimer.current === 0) return;
      isFollowing.current = false;
      clearTimeout(leavingTimer.current);
      leavingTimer.current = window.setTimeout(stay, INPUT_EFFECT_MS);
    };
    const onInput = (event: Event): void => {
      inputUntil.current = performance.now() + INPUT_EFFECT_MS;
      ignoredUntil.current = 0;
      // Held down: on the scrollbar, or selecting text beyond the edge.
      if (event.type === "pointerdown") isPointerDown.current = true;
      if (!(event instanceof WheelEvent) || event.deltaY === 0) return;
      if (event.deltaY < 0) onWheelUp.current();
      if (event.deltaY < 0 && element.scrollTop > 0) startLeaving();
      else if (leavingTimer.current !== 0) stay();
    };
    const onPointer = ({ type, buttons }: PointerEvent): void => {
      // After dragging a scrollbar, some browsers do not report its release.
      if (type !== "pointermove" || buttons === 0) isPointerDown.current = false;
    };
    for (const name of INPUT_EVENTS) element.addEventListener(name, onInput, { passive: true });
    for (const name of ["pointerup", "pointercancel", "pointermove"] as const) window.addEventListener(name, onPointer);

    // The rows, and what is visible of them.
    const observer = new ResizeObserver(() => {
      if (isFollowing.current) scrollToEnd();
    });
    for (const observed of [element, ...element.children]) observer.observe(observed);
    return () => {
      observer.disconnect();
      clearTimeout(leavingTimer.current);
      for (const name of INPUT_EVENTS) element.removeEventListener(name, onInput);
      for (const name of ["pointerup", "pointercancel", "pointermove"] as const)
        window.removeEventListener(name, onPointer);
    };
  }, [isFollowing, scroller, scrollToEnd, setFollowing, onWheelUp]);

  function onScroll(): void {
    const element = scroller.current;
    if (element === null) return;
    // Of the element, not of the virtual list, which measures a new height later.
    const { scrollTop, scrollHeight, clientHeight } = element;
    const movedUp = scrollTop < lastOffset.current;
    lastOffset.current = scrollTop;
    const heights = describeHeights(element);
    const isDeliberate = heights === lastHeights.current;
    lastHeights.current = heights;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    if (leavingTimer.current !== 0) {
      if (movedUp && !isAtEnd) setFollowing(false);
    } else if (isAtEnd) {
      if (!isFollowing.current) setFollowing(true);
    } else if (isFollowing.current) {
      const now = performance.now();
      const byUser = isDeliberate || isPointerDown.current || now < inputUntil.current;
      if (byUser && movedUp && now >= ignoredUntil.current) setFollowing(false);
      else scrollToEnd();
    }
  }

  return { atEnd, setFollowing, resumeFollowing, scrollToEnd, onScroll };
}

function describeHeights({ scrollHeight, clientHeight }: Element): string {
  return `${scrollHeight} ${clientHeight}`;
}
